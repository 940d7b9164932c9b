// FarmLink: the farm that `compress` works with: one of its own, restarted when it dies, or somebody else's,
// waited for while it is away. Driven by step(); not thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "cli/farm_process.h"
#include "cli/http/http_engine.h"
#include "core/base/result.h"

namespace tintype {

inline constexpr int kMaxFarmRestarts = 5;  // in a row, without a photo done in between
inline constexpr std::chrono::seconds kFirstContactPatience{5};
inline constexpr std::chrono::seconds kLostFarmPatience{120};

class FarmLink {
 public:
  // `engine` must outlive it. Nothing happens before step().
  static FarmLink own(HttpEngine& engine, FarmProcessConfig config);
  static FarmLink elsewhere(HttpEngine& engine, std::string url);
  ~FarmLink();
  FarmLink(FarmLink&&) noexcept = default;

  // Brings the farm up, or up again, bit by bit; never blocks. True once it answers. kUnavailable when it is
  // given up: it does not start, died more than kMaxFarmRestarts times in a row, or stayed away for too long.
  Result<bool> step();
  bool is_up() const { return up_; }
  // Raised each time it comes up: what was asked of it before may need asking again.
  int epoch() const { return epoch_; }
  // A request did not reach it.
  void lost(const Error& why);
  // It did something whole: patience is full again.
  void worked() { restarts_ = 0; }

  bool is_own() const { return own_config_.has_value(); }
  const std::string& url() const { return url_; }
  // Why it is not up, for people; empty at first.
  const std::string& trouble() const { return trouble_; }
  // Readable when a farm of our own has ended; -1 if there is none.
  int end_fd() const { return process_ ? process_->end_fd() : -1; }
  // A farm of our own is asked to end, and killed if it takes too long or `hurry_fd` can be read.
  void stop(int hurry_fd);

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  // What an answer that is still under way may reach: it outlives a move of the link.
  struct Probe {
    bool pending = false;
    bool answered = false;
    std::string problem;
  };

  explicit FarmLink(HttpEngine& engine) : engine_(&engine), probe_(std::make_shared<Probe>()) {}
  Result<bool> step_own_process();
  Result<bool> step_probe();
  Error given_up() const;

  HttpEngine* engine_;
  std::optional<FarmProcessConfig> own_config_;
  std::unique_ptr<FarmProcess> process_;
  std::string url_;
  std::string trouble_;
  std::shared_ptr<Probe> probe_;
  SteadyTime next_probe_{};
  std::optional<SteadyTime> away_since_;
  std::chrono::milliseconds backoff_{100};
  bool up_ = false;
  int epoch_ = 0;
  int restarts_ = 0;
};

}  // namespace tintype
