tintype_bench(vp8 SOURCES vp8/main.cpp vp8/bd_rate.cpp vp8/coders.cpp vp8/judge.cpp vp8/pictures.cpp
  LIBS bench_support tintype_codec tintype_kernels tintype_vp8_kernels PkgConfig::WEBP)
