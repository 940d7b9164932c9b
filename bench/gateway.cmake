tintype_bench(http_rates SOURCES http_rates.cpp LIBS bench_support tintype_gateway tintype_queue tintype_storage)
tintype_bench(uploads SOURCES uploads.cpp LIBS bench_support)
add_dependencies(bench_uploads tintype)
