tintype_library(hls_test_support SOURCES hls/cases.cpp vp8/recording.cpp
  DEPS tintype_hls_kernels tintype_kernels tintype_resize_kernels vp8_test_support PRIVATE_DEPS GTest::gtest)
tintype_test(hls_test SOURCES hls/connectivity_test.cpp hls/dataflow_test.cpp hls/kernels_test.cpp hls/mutants_test.cpp hls/photos_test.cpp vp8/device_answer_test.cpp
                              hls/mutants/jpeg_plane.cpp hls/mutants/halve_plane.cpp hls/mutants/resize_plane.cpp hls/mutants/vp8_macroblocks.cpp
  LIBS hls_test_support tintype_codec codec_test_support LABELS unit)
target_compile_options(hls_test PRIVATE -Wno-unknown-pragmas -Wno-unused-label)
target_compile_definitions(hls_test PRIVATE TINTYPE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
