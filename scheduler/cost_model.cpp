#include "scheduler/cost_model.h"

#include <algorithm>
#include <cmath>

#include "scheduler/job_tasks.h"

namespace tintype {
namespace {

using Features = std::array<double, 3>;

constexpr double kShortestSeconds = 2e-5;  // nothing is faster than handing it over
constexpr double kForgetting = 0.995;      // of old observations, each new one: about the last 200 count
constexpr double kFactorRate = 0.2;        // of the lane's momentary speed: about the last 5 count
constexpr double kPriorVariance = 4.0;     // weights may be off by about e^2 before the first observation

// Orders of magnitude on one core of a current server; replaced by what is observed.
Features prior_weights(const StepShape& shape) {
  const auto is = [&](std::string_view prefix) { return shape.kind.starts_with(prefix); };
  if (is("probe")) return {1e-4, 1e-5, 1e-6};
  if (is("decode/")) return {0.003, 0.010, 0.003};
  if (is("entropy-decode/")) return {0.001, 0.008, 0};
  if (is("reconstruct")) return {1e-3, 0.004, 0};
  if (is("resize")) return {0.001, 0.002, 1e-6};
  const int effort = shape.kind.back() - '0';
  const Features webp = {1e-4, 0.01 + 0.015 * effort, 0.005};
  const Features avif = {1e-3, 0.04 * std::exp2(effort), 0.02 * std::exp2(effort)};
  if (is("encode/")) return is("encode/webp/") ? webp : avif;
  // To a score: about two encodes of each format, each decoded and measured, beside what the metric keeps of the
  // picture.
  const auto searched = [](const Features& encode) {
    return Features{2 * encode[0], 2 * encode[1] + 0.06, 2 * encode[2]};
  };
  if (is("score/webp/")) return searched(webp);
  if (is("score/avif/")) return searched(avif);
  return searched({avif[0], avif[1] + 0.1, avif[2] + 0.005});
}

double dot(const Features& a, const Features& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

// How busy the picture is: about 1 for a photo. Coarse steps leave few bits of much detail, so the file's bits a pixel
// count times nearly its step; the exponents are those that predicted encoders' times best.
double detail_of(const SourceInfo& info) {
  const double bits_per_pixel = 8.0 * double(info.bytes) / std::max(1.0, double(info.pixels()));
  const double step = std::clamp(info.quantizer_sum / 64.0, 1.0, 255.0);
  return std::cbrt(std::clamp(bits_per_pixel, 0.1, 16.0) * std::pow(step, 0.9) / 16);
}

std::string encode_kind(const PlannedEncode& encode) {
  if (encode.rival) return "score/best/" + std::to_string(encode.rival->effort);
  return std::string(encode.target ? "score/" : "encode/") + std::string(format_name(encode.format)) + "/" +
         std::string(encoder_name(encode.encoder)) + "/" + std::to_string(encode.effort);
}

struct Size {
  double megapixels = 0;
  double long_side = 0;
};

}  // namespace

std::vector<StepShape> shape_steps(const Task& task) {
  std::vector<StepShape> shapes;
  std::vector<Size> sizes;  // of each step's picture
  double detail = 1;
  const auto size_of = [&](const PictureRef& ref) {
    if (ref.from == PictureRef::From::kStep) return ref.index < sizes.size() ? sizes[ref.index] : Size{};
    if (ref.index >= task.inputs.size()) return Size{};
    const PictureShape& shape = task.inputs[ref.index]->shape();
    return Size{double(shape.width) * shape.height / 1e6, double(std::max(shape.width, shape.height))};
  };

  for (const Step& step : task.steps) {
    StepShape shape;
    Size size;
    if (std::holds_alternative<ProbeStep>(step)) {
      const double megabytes = task.source ? double(task.source->size()) / 1e6 : 0;
      shape = {"probe", 0, {1, megabytes, 0}};
    } else if (const auto* decode = std::get_if<DecodeStep>(&step)) {
      const SourceInfo& info = decode->info;
      const double megapixels = info.megapixels();
      const double long_side = std::max(info.width, info.height);
      const std::uint32_t scale = decode_scale(info, decode->min_long_side_px);
      size = {megapixels / (scale * scale), long_side / scale};
      detail = detail_of(info);
      shape = {"decode/" + std::string(format_name(info.format)) + (info.progressive ? "-progressive" : ""),
               size.megapixels,
               {megapixels, double(info.bytes) / 1e6, size.megapixels}};
    } else if (const auto* entropy = std::get_if<EntropyDecodeStep>(&step)) {
      const SourceInfo& info = entropy->info;
      shape = {std::string("entropy-decode/jpeg") + (info.progressive ? "-progressive" : ""),
               info.megapixels(),
               {info.megapixels(), double(info.bytes) / 1e6, 0}};
    } else if (const auto* reconstruct = std::get_if<ReconstructStep>(&step)) {
      const double megapixels = double(reconstruct->width) * reconstruct->height / 1e6;
      size = {megapixels, double(std::max(reconstruct->width, reconstruct->height))};
      shape = {"reconstruct", megapixels, {0.01, megapixels, size_of(reconstruct->input).megapixels}};
    } else if (const auto* resize = std::get_if<ResizeStep>(&step)) {
      const double out = double(resize->width) * resize->height / 1e6;
      size = {out, double(std::max(resize->width, resize->height))};
      shape = {"resize", out, {size_of(resize->input).megapixels, out, 0}};
    } else if (const auto* encode = std::get_if<EncodeStep>(&step)) {
      const double megapixels = encode->encode.megapixels();
      shape = {encode_kind(encode->encode), megapixels, {0.01, megapixels, megapixels * detail}};
    }
    sizes.push_back(size);
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

CostModel::StepModel::StepModel(const StepShape& shape) : weights(prior_weights(shape)), covariance{} {
  for (int i = 0; i < 3; ++i) {
    most_variance[i] = kPriorVariance * weights[i] * weights[i];
    covariance[i][i] = most_variance[i];
  }
}

double CostModel::StepModel::predict(const Features& x) const { return std::max(dot(weights, x), kShortestSeconds); }

// One observation: `parts` took `seconds` together. Recursive least squares over all their weights, as if they did
// not co-vary.
void CostModel::learn(std::span<const Part> parts, double seconds) {
  // Relative error is what matters to a placement, so both sides are divided by the size of the answer; the
  // noise of one observation is then about 0.1 squared.
  constexpr double kNoise = 0.01;
  double predicted = 0;
  for (const Part& part : parts) predicted += part.model->predict(part.features);
  const double scale = std::max({seconds, 0.1 * predicted, kShortestSeconds});

  double error = seconds / scale;
  double denominator = kNoise;
  std::vector<Features> gains;
  for (const Part& part : parts) {
    Features x = part.features;
    for (double& value : x) value /= scale;
    Features gain{};
    for (int i = 0; i < 3; ++i) gain[i] = dot(part.model->covariance[i], x);
    error -= dot(part.model->weights, x);
    denominator += dot(x, gain);
    gains.push_back(gain);
  }
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i].model->correct(gains[i], error, denominator);
}

void CostModel::StepModel::correct(const Features& gain, double error, double denominator) {
  for (int i = 0; i < 3; ++i) weights[i] += gain[i] / denominator * error;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) covariance[i][j] -= gain[i] * gain[j] / denominator;
  }
  // Forget, but never become less sure of a weight than of the prior: directions that are never seen would
  // drift without bound.
  const double root = 1 / std::sqrt(kForgetting);
  for (int i = 0; i < 3; ++i) {
    if (covariance[i][i] / kForgetting > most_variance[i]) continue;
    for (int j = 0; j < 3; ++j) {
      covariance[i][j] *= root;
      covariance[j][i] *= root;
    }
  }
  ++observations;
}

double CostModel::predict_step(const std::string& lane, const StepShape& shape) const {
  const auto found = steps_.find({lane, shape.kind});
  return found != steps_.end() ? found->second.predict(shape.features) : StepModel(shape).predict(shape.features);
}

double CostModel::predict(const std::string& lane, std::span<const StepShape> shapes) const {
  const std::lock_guard lock(mutex_);
  double seconds = 0;
  for (const StepShape& shape : shapes) seconds += predict_step(lane, shape);
  const auto factor = log_factor_.find(lane);
  return seconds * (factor == log_factor_.end() ? 1.0 : std::exp(factor->second));
}

std::uint64_t CostModel::times_seen(const std::string& lane, std::span<const StepShape> shapes) const {
  const std::lock_guard lock(mutex_);
  std::uint64_t least = shapes.empty() ? 0 : ~std::uint64_t{0};
  for (const StepShape& shape : shapes) {
    const auto found = steps_.find({lane, shape.kind});
    least = std::min(least, found == steps_.end() ? 0 : found->second.observations);
  }
  return least;
}

void CostModel::observe(const std::string& lane, std::span<const StepShape> shapes, const TaskResult& result) {
  const std::lock_guard lock(mutex_);
  double predicted = 0;
  double told = 0;
  for (const StepShape& shape : shapes) predicted += predict_step(lane, shape);
  for (const StepResult& step : result.steps) told += step.seconds;
  const double worked = std::max(result.work_seconds, kShortestSeconds);

  const auto [factor, first] = log_factor_.try_emplace(lane, 0.0);
  const double surprise = std::log(worked / predicted);
  // A first look sets the lane's own scale at once; steps then share what remains.
  factor->second = first ? 0.0 : (1 - kFactorRate) * factor->second + kFactorRate * std::clamp(surprise, -3.0, 3.0);

  // A lane that times its steps teaches one by one; one that tells only the sum teaches all kinds together.
  std::vector<Part> parts;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    StepModel& model = steps_.try_emplace({lane, shapes[i].kind}, StepModel(shapes[i])).first->second;
    const bool timed = told > 0 && i < result.steps.size();
    const double seconds = timed ? result.steps[i].seconds : predict_step(lane, shapes[i]) * worked / predicted;
    model.total_seconds += seconds;
    model.total_megapixels += shapes[i].megapixels;
    if (timed) {
      learn(std::array{Part{&model, shapes[i].features}}, seconds);
      continue;
    }
    const auto same = std::ranges::find(parts, &model, &Part::model);
    if (same == parts.end()) {
      parts.push_back({&model, shapes[i].features});
    } else {
      for (int k = 0; k < 3; ++k) same->features[k] += shapes[i].features[k];
    }
  }
  if (!parts.empty()) learn(parts, worked);
}

std::vector<LearnedRate> CostModel::rates() const {
  const std::lock_guard lock(mutex_);
  std::vector<LearnedRate> rates;
  for (const auto& [key, model] : steps_) {
    if (model.total_megapixels <= 0) continue;
    rates.push_back({key.first, key.second, model.total_seconds / model.total_megapixels, model.observations});
  }
  return rates;
}

}  // namespace tintype
