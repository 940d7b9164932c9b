#include <cstddef>
#include <cstdint>

#include "core/job/recipe.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tintype;
  check_round_trip({data, size}, parse_recipe_toml, [](const Recipe& recipe) { return to_toml(recipe); });
  return 0;
}
