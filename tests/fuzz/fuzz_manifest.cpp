#include <cstddef>
#include <cstdint>

#include "core/job/manifest.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tintype;
  check_round_trip({data, size}, parse_manifest, [](const Manifest& manifest) { return to_json(manifest); });
  return 0;
}
