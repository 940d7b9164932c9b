// A Ceph of this test program's own, brought up by deploy/cluster.d/ceph, and stores on it.
#pragma once

#include <memory>
#include <string>

#include "storage_client/rados/rados_store.h"
#include "tests/storage_client/store_fixtures.h"

namespace tintype::testing {

class TestCluster {
 public:
  explicit TestCluster(std::string dir) : dir_(std::move(dir)) {}

  // A configuration of a farm that nobody else uses. Blobs above 64 KiB are chunked, by as much.
  RadosStoreConfig config() const;

  // "osd.0" and so on.
  void signal(const std::string& daemon, int signal_number) const;
  void start(const std::string& daemon) const;
  // Waits until all OSDs are up and every placement group is whole again. False after `seconds`.
  bool wait_until_whole(int seconds) const;
  // Waits until the monitors hold so many OSDs for up. False after `seconds`.
  bool wait_until_up(int count, int seconds) const;

 private:
  std::string answer_of(const std::string& ceph_arguments) const;
  const std::string dir_;
};

// One more, for as long as it lives.
struct SideCluster {
  explicit SideCluster(int osds);
  ~SideCluster();
  SideCluster(const SideCluster&) = delete;
  SideCluster& operator=(const SideCluster&) = delete;

  const std::string dir;
  const TestCluster cluster;
};

// The one of this program; made by its main().
const TestCluster& test_cluster();

std::unique_ptr<StoreUnderTest> make_rados_store_under_test(const Clock& clock);
// Ends the test program if it does not open.
std::unique_ptr<RadosStore> open_store(const RadosStoreConfig& config, const Clock& clock);

}  // namespace tintype::testing
