tintype_library(tintype_resize_kernels
  SOURCES resize_taps.cpp rung_geometry.cpp reference/resize_rows.cpp simd/resize_rows.cpp
  PRIVATE_DEPS PkgConfig::HWY)
