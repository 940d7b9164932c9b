// FakeFarm: a farm that follows docs/api.md on a loopback port and makes no pictures: a job takes a set time,
// and a photo's variants are a few words. For tests of the client alone.
//
// By the photo's name: "corrupt..." fails as corrupt_image, "crash..." as worker_crashed, "slow..." takes 2
// s. With a data folder, photos and jobs survive the farm, as those of a real one do.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "cli/serve.h"

namespace tintype::testing {

class FakeFarm {
 public:
  struct Config {
    std::string data_dir;  // empty: nothing is kept
    int port = 0;          // 0: one that is free
    int slots = 2;
    std::chrono::milliseconds work{5};  // a job
    bool tells_events = true;           // or the stream stays silent
    bool lies_about_digests = false;    // each variant's first answer does not have the digest it should
  };

  explicit FakeFarm(Config config);
  ~FakeFarm();  // open connections are cut
  FakeFarm(const FakeFarm&) = delete;
  FakeFarm& operator=(const FakeFarm&) = delete;

  std::string url() const;
  int port() const;
  // Photos that are there, and uploads that made one, since this farm began.
  std::size_t photos() const;
  std::size_t uploads() const;
  // The most photos that were uploaded and not yet ended at one time.
  std::size_t most_in_flight() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// `tintype serve` with a fake farm: until SIGTERM. The environment may set FAKE_FARM_WORK_MS.
int run_fake_serve(const ServeOptions& options);

}  // namespace tintype::testing
