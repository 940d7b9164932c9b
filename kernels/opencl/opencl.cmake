set(opencl_files
    kernels/opencl/jpeg_planes.cl kernels/opencl/resize.cl kernels/opencl/ssimulacra2.cl kernels/opencl/vp8_macroblocks.cl
    kernels/shared/c_subset.h kernels/shared/jpeg_idct.h kernels/shared/resize.h kernels/shared/ssimulacra2.h
    kernels/shared/vp8/code_block.h kernels/shared/vp8/device_frame.h kernels/shared/vp8/predict.h
    kernels/shared/vp8/tables.h kernels/shared/vp8/transform.h kernels/shared/vp8/types.h)
list(TRANSFORM opencl_files PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE opencl_paths)
list(JOIN opencl_files " " opencl_list)
add_custom_command(
  OUTPUT opencl_files.cpp
  COMMAND ${CMAKE_COMMAND} -D ROOT=${CMAKE_SOURCE_DIR} -D FILES=${opencl_list} -D OUT=opencl_files.cpp
          -P ${CMAKE_SOURCE_DIR}/kernels/opencl/embed.cmake
  DEPENDS ${CMAKE_SOURCE_DIR}/kernels/opencl/embed.cmake ${opencl_paths}
  VERBATIM)
tintype_library(tintype_opencl_kernels SOURCES opencl/sources.cpp ${CMAKE_CURRENT_BINARY_DIR}/opencl_files.cpp)
