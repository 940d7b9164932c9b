if(TARGET tintype_fpga_emulation)
  tintype_test(fpga_test SOURCES fpga/fpga_card_test.cpp fpga/emulated_cards.cpp
    LIBS tintype_fpga_lane tintype_fpga_emulation_xclbin hls_test_support codec_test_support xrt_native LABELS unit)
  target_compile_definitions(fpga_test PRIVATE TINTYPE_FPGA_EMULATION_FOLDER="${TINTYPE_FPGA_EMULATION_FOLDER}")
  add_dependencies(fpga_test tintype_fpga_emulation)
endif()
