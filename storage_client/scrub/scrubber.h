// Scrubber: the farm's scrub, run by this process on a thread of its own when somebody asks for it. Its state is a
// document of the farm (kScrubDocument): one scrub at a time in the whole farm, and any process goes on with one whose
// runner died. Thread-safe.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "core/base/log.h"
#include "storage_client/documents.h"
#include "storage_client/scrub/scrub.h"

namespace tintype {

struct ScrubberServices {
  BlobStore& blobs;  // not through a cache
  PhotoIndex& index;
  Documents& documents;
  const Clock& clock;
  Logger& log;
};

struct ScrubOrder {
  bool repair = true;
  std::uint64_t bytes_a_second = 50'000'000;  // 0: as fast as it goes
  bool afresh = false;                        // from the beginning, where one was stopped
};

class Scrubber {
 public:
  // `name`: of this process, among all of the farm. Everything must outlive it.
  Scrubber(std::string name, const ScrubConfig& config, const ScrubberServices& services);
  ~Scrubber();  // stops it; whoever starts one next goes on with it

  // Begins one, or goes on with one that has not come to its end. kConflict while one runs anywhere in the farm.
  Result<ScrubState> start(const ScrubOrder& order);
  // Asks this process's to stop; Ok also when there is none. kConflict: another process runs it.
  Status stop();
  // The last one, or the one under way. kNotFound before the first. A runner that is silent has failed.
  Result<ScrubState> state();

 private:
  void run(ScrubState state);
  Status keep(const ScrubState& state);
  bool pause(std::chrono::milliseconds time);
  Result<std::optional<Document>> read();
  bool is_alive(const ScrubState& state) const;
  void join();

  const std::string name_;
  const ScrubConfig config_;
  const ScrubberServices services_;

  std::mutex starts_;  // one start or stop at a time
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false, running_ = false;
  std::uint64_t version_ = 0;  // of the document that we wrote last
  std::thread thread_;
};

}  // namespace tintype
