if(TARGET vp8_rtl_model)
  tintype_test(rtl_test SOURCES rtl/vp8_transform_quantise_test.cpp
    LIBS vp8_rtl_model vp8_rtl_mutant vp8_test_support LABELS unit)
endif()
