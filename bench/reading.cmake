tintype_bench(cached_reads SOURCES cached_reads.cpp LIBS bench_support tintype_gateway tintype_queue tintype_storage)
tintype_bench(page
  SOURCES page/bulk_load.cpp page/index_operations.cpp page/library.cpp page/main.cpp page/open_loop.cpp page/visitors.cpp
  LIBS bench_support tintype_storage)
add_dependencies(bench_page tintype)
