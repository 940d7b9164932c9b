tintype_bench(gpu SOURCES gpu/main.cpp gpu/crew.cpp
  LIBS bench_support tintype_codec tintype_opencl_lane tintype_vp8_kernels PkgConfig::OPENCL)
