#include <cstddef>
#include <cstdint>

#include "core/job/job.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tintype;
  check_round_trip({data, size}, parse_job, [](const Job& job) { return to_json(job); });
  return 0;
}
