#include <atomic>

#include "tests/storage_client/documents_cases.h"
#include "tests/storage_client/rados/test_cluster.h"

namespace tintype::testing {
namespace {

TEST(RadosDocuments, KeepTheirPromises) {
  const SystemClock clock;
  const auto store = open_store(test_cluster().config(), clock);
  expect_documents_keep_their_promises(store->documents());
}

TEST(RadosDocuments, LoseNoChange) {
  const SystemClock clock;
  const auto store = open_store(test_cluster().config(), clock);
  expect_no_change_is_lost(store->documents());
}

// Every third request is applied and its answer lost, or never sent: what was answered Ok is there once.
TEST(RadosDocuments, RequestsWithoutAnAnswerLoseNoChange) {
  const SystemClock clock;
  RadosStoreConfig config = test_cluster().config();
  std::atomic<int> requests = 0;
  config.faults = [&](std::string_view) {
    const int number = ++requests;
    return number % 3 != 0 ? InjectedFault::kNone : number % 2 == 0 ? InjectedFault::kAfter : InjectedFault::kBefore;
  };
  const auto store = open_store(config, clock);
  expect_no_change_is_lost(store->documents());
}

}  // namespace
}  // namespace tintype::testing
