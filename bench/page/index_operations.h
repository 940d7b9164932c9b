// Index operations, mixed: half lists, a third single photos, a fifth writes that are on the disk when they
// return.
#pragma once

#include "bench/support/bench_report.h"
#include "storage_client/embedded/embedded_store.h"

namespace tintype::bench {

// On the filled library, open loop. Figures index_p999_ms, index_read_p999_ms, index_write_p99_ms.
void measure_index(BenchReport& report, EmbeddedStore& store);

}  // namespace tintype::bench
