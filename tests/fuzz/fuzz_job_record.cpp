#include <cstddef>
#include <cstdint>

#include "core/job/job_record.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tintype;
  check_round_trip({data, size}, parse_job_record, [](const JobRecord& record) { return to_json(record); });
  return 0;
}
