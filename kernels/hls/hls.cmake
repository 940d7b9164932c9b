# FPGA kernels as C simulation: the sources that Vitis HLS takes, compiled here.
tintype_library(tintype_hls_kernels
  SOURCES hls/jpeg_plane.cpp hls/halve_plane.cpp hls/resize_plane.cpp hls/vp8_macroblocks.cpp hls/signatures.cpp hls/simulation/dataflow.cpp
  DEPS tintype_base Threads::Threads)
# Loops carry the labels and pragmas that Vitis reads; an emulated card is a shared library.
target_compile_options(tintype_hls_kernels PRIVATE -Wno-unknown-pragmas -Wno-unused-label)
set_target_properties(tintype_hls_kernels PROPERTIES POSITION_INDEPENDENT_CODE ON)
