if(TINTYPE_RADOS_LIBRARY)
  tintype_bench(cluster_index SOURCES cluster_index.cpp LIBS bench_support tintype_rados)
  target_compile_definitions(bench_cluster_index PRIVATE TINTYPE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
endif()
