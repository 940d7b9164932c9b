// CostModel: how long will this task take on that lane? Learned on line, one job after the other.
//
// Each kind of step (decode/jpeg, encode/avif/aom/3, ...) on each lane has a linear model over what is known before
// the work starts: megapixels in and out, compressed megabytes, and how busy the picture is, which the file's bytes and
// quantiser tell. It is fitted by recursive least squares on relative error, forgetting slowly. On top, each lane has
// one factor that follows its speed of the moment (a neighbour, throttling) within a few jobs. Before the first
// observation rough priors serve. Thread-safe.
#pragma once

#include <array>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "workers/task.h"

namespace tintype {

// One step, as the model sees it.
struct StepShape {
  std::string
      kind;  // "decode/jpeg", "reconstruct", "encode/webp/libwebp/4"; to a score "score/avif/aom/3", "score/best/3"
  double megapixels = 0;  // of its output, for people's rates
  std::array<double, 3> features{};
};

// The steps of a task with the sizes that flow through them.
std::vector<StepShape> shape_steps(const Task& task);

struct LearnedRate {
  std::string lane;
  std::string kind;
  double seconds_per_megapixel = 0;  // at the mean of what was seen
  std::uint64_t observations = 0;
};

class CostModel {
 public:
  // Seconds of work, not counting the wait for the lane. Positive.
  double predict(const std::string& lane, std::span<const StepShape> steps) const;
  // How often the lane did the least known of them.
  std::uint64_t times_seen(const std::string& lane, std::span<const StepShape> steps) const;
  // Call with every success.
  void observe(const std::string& lane, std::span<const StepShape> steps, const TaskResult& result);

  std::vector<LearnedRate> rates() const;

 private:
  struct StepModel {
    explicit StepModel(const StepShape& shape);
    double predict(const std::array<double, 3>& x) const;
    void correct(const std::array<double, 3>& gain, double error, double denominator);

    std::array<double, 3> weights;
    std::array<double, 3> most_variance{};
    std::array<std::array<double, 3>, 3> covariance;
    std::uint64_t observations = 0;
    double total_seconds = 0;
    double total_megapixels = 0;
  };

  struct Part {
    StepModel* model;
    std::array<double, 3> features;
  };

  static void learn(std::span<const Part> parts, double seconds);
  double predict_step(const std::string& lane, const StepShape& shape) const;

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, StepModel> steps_;  // (lane, kind)
  std::map<std::string, double> log_factor_;                        // lane
};

}  // namespace tintype
