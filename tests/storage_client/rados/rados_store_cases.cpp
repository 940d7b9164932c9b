// The suites of stores, on a cluster.
#include "tests/storage_client/rados/test_cluster.h"

namespace tintype::testing {

std::vector<StoreCase> undecorated_store_cases() { return {{"rados", make_rados_store_under_test}}; }

std::vector<StoreCase> store_cases() {
  auto cases = undecorated_store_cases();
  cases.push_back(
      {"decorated_rados", [](const Clock& clock) { return decorated(make_rados_store_under_test(clock)); }});
  return cases;
}

}  // namespace tintype::testing
