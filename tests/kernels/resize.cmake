tintype_test(resize_kernels_test SOURCES resize_rows_test.cpp resize_taps_test.cpp
  LIBS tintype_resize_kernels PkgConfig::HWY LABELS unit)
