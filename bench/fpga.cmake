tintype_bench(fpga_model SOURCES fpga_model.cpp LIBS bench_support)
