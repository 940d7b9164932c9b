tintype_bench(store_rates SOURCES store_rates.cpp LIBS bench_support tintype_storage)
