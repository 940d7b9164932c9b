tintype_bench(gpu SOURCES gpu/main.cpp gpu/crew.cpp gpu/baseline_scan.cpp gpu/in_step.cpp gpu/kernels.cpp
  LIBS bench_support tintype_codec tintype_kernels tintype_opencl_lane tintype_vp8_kernels PkgConfig::OPENCL)
