tintype_bench(queue_rates SOURCES queue_rates.cpp LIBS tintype_queue)
