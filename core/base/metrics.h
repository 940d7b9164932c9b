// Metrics: counters, gauges and histograms in Prometheus' text format. Names live in metric_names.h.
//
// Metrics are created on first use and live as long as the registry; references stay valid. Updates are
// lock-free; creation and rendering take a lock. Labels are given as ready text: `{lane="cpu",class="bulk"}`
// made by label().
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace tintype {

class Counter {
 public:
  void add(double amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double amount) { value_.fetch_add(amount, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// Seconds, with bounds from 0.5 ms to about 65 s, doubling.
class Histogram {
 public:
  static constexpr int kBuckets = 19;
  static double upper_bound(int bucket);  // seconds; the last is +Inf
  void observe(double seconds);
  std::uint64_t count(int bucket) const { return buckets_[bucket].load(std::memory_order_relaxed); }
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<std::uint64_t>, kBuckets> buckets_{};
  std::atomic<double> sum_{0};
};

// Renders `{k="v",...}` with values escaped; "" when empty.
std::string label(std::initializer_list<std::pair<std::string_view, std::string_view>> pairs);

class Metrics {
 public:
  // `name` is one of metric_names.h; `help` is taken from there too.
  Counter& counter(std::string_view name, const std::string& labels = "");
  Gauge& gauge(std::string_view name, const std::string& labels = "");
  Histogram& histogram(std::string_view name, const std::string& labels = "");

  // The exposition format, sorted by name.
  std::string render() const;

 private:
  template <typename T>
  using Family = std::map<std::pair<std::string, std::string>, std::unique_ptr<T>>;
  mutable std::mutex mutex_;
  Family<Counter> counters_;
  Family<Gauge> gauges_;
  Family<Histogram> histograms_;
};

}  // namespace tintype
