#include "core/base/metrics.h"

#include <cstdio>
#include <cstdlib>
#include <format>
#include <limits>

#include "core/base/metric_names.h"

namespace tintype {
namespace {

constexpr double kFirstBoundSeconds = 0.0005;

const metric::Described& described(std::string_view name) {
  for (const metric::Described& entry : metric::kAll) {
    if (entry.name == name) return entry;
  }
  std::fprintf(stderr, "metric %.*s is not in metric_names.h\n", static_cast<int>(name.size()), name.data());
  std::abort();
}

template <typename T, typename Family>
T& find_or_make(Family& family, std::string_view name, const std::string& labels) {
  described(name);
  auto& slot = family[{std::string(name), labels}];
  if (!slot) slot = std::make_unique<T>();
  return *slot;
}

std::string_view type_name(metric::Kind kind) {
  switch (kind) {
    case metric::Kind::kCounter:
      return "counter";
    case metric::Kind::kGauge:
      return "gauge";
    case metric::Kind::kHistogram:
      break;
  }
  return "histogram";
}

// Each family's lines, headed by HELP and TYPE.
class Exposition {
 public:
  // Every metric is there from the start, if only by name: who scrapes us sees what there may be.
  Exposition() {
    for (const metric::Described& entry : metric::kAll) {
      blocks_[std::string(entry.name)] =
          std::format("# HELP {} {}\n# TYPE {} {}\n", entry.name, entry.help, entry.name, type_name(entry.kind));
    }
  }

  // The block of a metric; blocks come out sorted by name, whatever their type.
  std::string& block(const std::string& name) { return blocks_.at(name); }

  std::string text() const {
    std::string all;
    for (const auto& [name, lines] : blocks_) all += lines;
    return all;
  }

 private:
  std::map<std::string, std::string> blocks_;
};

// `{a="b"}` and le -> `{a="b",le="1"}`.
std::string with_bound(const std::string& labels, std::string_view bound) {
  if (labels.empty()) return std::format("{{le=\"{}\"}}", bound);
  return std::format("{},le=\"{}\"}}", std::string_view(labels).substr(0, labels.size() - 1), bound);
}

void append_histogram(std::string& block, const std::string& name, const std::string& labels,
                      const Histogram& histogram) {
  std::uint64_t below = 0;
  for (int i = 0; i < Histogram::kBuckets; ++i) {
    below += histogram.count(i);
    const bool is_last = i == Histogram::kBuckets - 1;
    const std::string bound = is_last ? "+Inf" : std::format("{:g}", Histogram::upper_bound(i));
    block += std::format("{}_bucket{} {}\n", name, with_bound(labels, bound), below);
  }
  block += std::format("{}_sum{} {}\n", name, labels, histogram.sum());
  block += std::format("{}_count{} {}\n", name, labels, below);
}

}  // namespace

double Histogram::upper_bound(int bucket) {
  if (bucket >= kBuckets - 1) return std::numeric_limits<double>::infinity();
  return kFirstBoundSeconds * static_cast<double>(1u << bucket);
}

void Histogram::observe(double seconds) {
  int bucket = 0;
  while (bucket < kBuckets - 1 && !(seconds <= upper_bound(bucket))) ++bucket;
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(seconds, std::memory_order_relaxed);
}

std::string label(std::initializer_list<std::pair<std::string_view, std::string_view>> pairs) {
  if (pairs.size() == 0) return "";
  std::string text;
  for (const auto& [key, value] : pairs) {
    text += text.empty() ? '{' : ',';
    text += key;
    text += "=\"";
    for (char c : value) {
      if (c == '\n') {
        text += "\\n";
        continue;
      }
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + '}';
}

Counter& Metrics::counter(std::string_view name, const std::string& labels) {
  std::lock_guard lock(mutex_);
  return find_or_make<Counter>(counters_, name, labels);
}

Gauge& Metrics::gauge(std::string_view name, const std::string& labels) {
  std::lock_guard lock(mutex_);
  return find_or_make<Gauge>(gauges_, name, labels);
}

Histogram& Metrics::histogram(std::string_view name, const std::string& labels) {
  std::lock_guard lock(mutex_);
  return find_or_make<Histogram>(histograms_, name, labels);
}

std::string Metrics::render() const {
  std::lock_guard lock(mutex_);
  Exposition exposition;
  for (const auto& [key, counter] : counters_) {
    exposition.block(key.first) += std::format("{}{} {}\n", key.first, key.second, counter->value());
  }
  for (const auto& [key, gauge] : gauges_) {
    exposition.block(key.first) += std::format("{}{} {}\n", key.first, key.second, gauge->value());
  }
  for (const auto& [key, histogram] : histograms_) {
    append_histogram(exposition.block(key.first), key.first, key.second, *histogram);
  }
  return exposition.text();
}

}  // namespace tintype
