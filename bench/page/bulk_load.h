// BulkLoad: keeps bulk jobs queued, so that the lanes are never without one, until it goes.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace tintype::bench {

class BulkLoad {
 public:
  // Uploads the JPEGs of `dir` again and again, as another owner's, whenever few are left in the queue.
  // Returns once the lanes have work.
  BulkLoad(std::uint16_t port, const std::string& dir);

  std::uint64_t uploaded() const { return uploaded_; }
  // Looks that found the queue empty: the lanes may have been idle.
  std::uint64_t times_empty() const { return times_empty_; }

 private:
  void keep_busy(const std::stop_token& stop);

  const std::uint16_t port_;
  std::vector<std::string> photos_;
  std::atomic<std::uint64_t> uploaded_ = 0, times_empty_ = 0;
  std::jthread feeder_;
};

}  // namespace tintype::bench
