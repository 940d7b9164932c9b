if(TARGET tintype_fpga_emulation)
  add_library(emulated_cards STATIC fpga/emulated_cards.cpp)
  target_link_libraries(emulated_cards PUBLIC tintype_fpga_lane tintype_fpga_emulation_xclbin codec_test_support GTest::gtest)
  target_compile_definitions(emulated_cards PUBLIC TINTYPE_FPGA_EMULATION_FOLDER="${TINTYPE_FPGA_EMULATION_FOLDER}")
  add_dependencies(emulated_cards tintype_fpga_emulation)

  tintype_test(fpga_test SOURCES fpga/fpga_card_test.cpp fpga/fpga_engine_test.cpp fpga/engine_tasks.cpp
      fpga/mutants/unit_without_sending.cpp fpga/mutants/unit_without_fetching.cpp
    LIBS emulated_cards hls_test_support tintype_codec xrt_native LABELS unit)
  tintype_test(fpga_lane_test SOURCES fpga/fpga_lane_test.cpp
    LIBS device_test_main device_tasks emulated_cards tintype_workers LABELS unit)
  tintype_test(fpga_lane_conformance_test SOURCES lane_conformance_test.cpp lane_kinds.cpp fpga/fpga_lane_kinds.cpp
    LIBS device_test_main device_tasks lane_tasks emulated_cards tintype_workers LABELS conformance)
endif()
