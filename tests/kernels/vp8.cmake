tintype_library(vp8_test_support SOURCES vp8/judge.cpp vp8/libwebp.cpp vp8/planes.cpp DEPS tintype_vp8_kernels PRIVATE_DEPS PkgConfig::WEBP)
tintype_test(vp8_decoder_judge_test SOURCES vp8/decoder_judge_test.cpp LIBS vp8_test_support LABELS unit)
tintype_test(vp8_simd_test SOURCES vp8/simd_equality_test.cpp LIBS vp8_test_support tintype_kernels LABELS unit)
tintype_test(vp8_noise_test SOURCES vp8/noise_test.cpp LIBS vp8_test_support LABELS unit)
# By command: see docs/vp8.md.
add_executable(vp8_long_run vp8/long_run.cpp)
target_include_directories(vp8_long_run PRIVATE ${CMAKE_SOURCE_DIR})
target_link_libraries(vp8_long_run PRIVATE vp8_test_support tintype_kernels PkgConfig::WEBP)
tintype_test(vp8_parts_test SOURCES vp8/frame_plan_test.cpp vp8/parts_test.cpp LIBS tintype_vp8_kernels LABELS unit)
