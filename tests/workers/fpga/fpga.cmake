if(TARGET tintype_fpga_emulation)
  tintype_test(fpga_test SOURCES fpga/fpga_card_test.cpp fpga/fpga_engine_test.cpp fpga/engine_tasks.cpp fpga/emulated_cards.cpp
      fpga/mutants/unit_without_sending.cpp fpga/mutants/unit_without_fetching.cpp
    LIBS tintype_fpga_lane tintype_fpga_emulation_xclbin hls_test_support tintype_codec codec_test_support
      xrt_native
    LABELS unit)
  target_compile_definitions(fpga_test PRIVATE TINTYPE_FPGA_EMULATION_FOLDER="${TINTYPE_FPGA_EMULATION_FOLDER}")
  add_dependencies(fpga_test tintype_fpga_emulation)
endif()
