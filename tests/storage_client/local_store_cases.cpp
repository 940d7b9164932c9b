// The suites of stores, on the kinds that need nothing but this process.
#include "tests/storage_client/store_fixtures.h"

namespace tintype::testing {

std::vector<StoreCase> undecorated_store_cases() {
  return {{"memory", make_memory_store_under_test}, {"embedded", make_embedded_store_under_test}};
}

std::vector<StoreCase> store_cases() {
  auto cases = undecorated_store_cases();
  cases.push_back(
      {"decorated_memory", [](const Clock& clock) { return decorated(make_memory_store_under_test(clock)); }});
  cases.push_back(
      {"decorated_embedded", [](const Clock& clock) { return decorated(make_embedded_store_under_test(clock)); }});
  cases.push_back(
      {"cached_embedded", [](const Clock& clock) { return cached(make_embedded_store_under_test(clock)); }});
  return cases;
}

}  // namespace tintype::testing
