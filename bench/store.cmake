tintype_bench(store_rates SOURCES store_rates.cpp LIBS tintype_storage)
