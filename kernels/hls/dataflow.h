// Streams and dataflow regions, for Vitis HLS and for g++: the only place that knows which of them compiles.
//
//   hls::stream<Quad, 64> rows("rows");
//   TT_DATAFLOW(region);
//   TT_PROCESS(region, read_rows(in, rows));
//   TT_PROCESS(region, write_rows(rows, out));
//   TT_RUN(region);
#pragma once

#if defined(__VITIS_HLS__) || defined(__SYNTHESIS__)

#include <hls_stream.h>

#define TT_DATAFLOW(region) _Pragma("HLS DATAFLOW")
#define TT_PROCESS(region, call) call
#define TT_RUN(region)

#else

#include "kernels/hls/simulation/stream.h"

#define TT_DATAFLOW(region) tintype::hls_simulation::Dataflow region
#define TT_PROCESS(region, call) region.add([&] { call; })
#define TT_RUN(region) region.run()

#endif
