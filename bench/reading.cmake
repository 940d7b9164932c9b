tintype_bench(cached_reads SOURCES cached_reads.cpp LIBS bench_support tintype_gateway tintype_queue tintype_storage)
tintype_bench(page SOURCES page.cpp LIBS bench_support tintype_storage)
add_dependencies(bench_page tintype)
