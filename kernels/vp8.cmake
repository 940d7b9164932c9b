tintype_library(tintype_vp8_kernels
  SOURCES vp8/device_answer.cpp vp8/device_tables.cpp vp8/expected_tokens.cpp vp8/filter_frame.cpp vp8/frame.cpp vp8/frame_writer.cpp vp8/level_row.cpp vp8/mode_budget.cpp vp8/modes.cpp
          vp8/probabilities.cpp vp8/quality.cpp vp8/segments.cpp vp8/surroundings.cpp vp8/token_list.cpp
          reference/vp8_encoder.cpp reference/vp8_macroblock.cpp simd/vp8_encoder.cpp simd/vp8_macroblock.cpp
  DEPS tintype_base
  PRIVATE_DEPS PkgConfig::HWY)
# Loops over the places of a block are unrolled, so that vectors stay in registers.
set_source_files_properties(simd/vp8_macroblock.cpp PROPERTIES COMPILE_OPTIONS -O3)
