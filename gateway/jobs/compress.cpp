// POST /v1/compress: a picture in, a variant out.
#include <chrono>
#include <format>

#include "core/job/usual_quality.h"
#include "gateway/api.h"
#include "gateway/base64.h"
#include "gateway/jobs/transients.h"
#include "gateway/parameters.h"
#include "gateway/photos/receipt_json.h"
#include "gateway/photos/upload_order.h"
#include "gateway/problem.h"
#include "gateway/recipes/recipe_names.h"

namespace tintype {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds kLookPeriod{1'000};  // for the case that an event got lost
constexpr std::uint64_t kMaxVariantBytes = 256ull << 20;

// What one request waits for. Whatever becomes of it, nothing stays.
struct Wanted {
  Api& api;
  std::unique_ptr<Transients::Place> place;
  std::unique_ptr<JobWatch::Ticket> ticket;
  std::string asker;
  std::string variant;
  std::chrono::milliseconds patience;
  SteadyTime deadline;
};

Result<http::Response> variant_answer(const Wanted& wanted, const Photo& photo) {
  const Variant* variant = photo.heavy.manifest.find(wanted.variant);
  if (!variant) return fail(ErrorCode::kInternal, std::format("the job made no variant '{}'", wanted.variant));
  TT_ASSIGN(const BlobKey key, BlobKey::parse(variant->blob_key));
  TT_ASSIGN(Bytes bytes, read_blob(wanted.api.services.blobs, key, kMaxVariantBytes));
  const Sha256 digest = sha256(bytes);
  http::Response response(200, std::string(format_mime(variant->format)), std::move(bytes));
  response.set("Cache-Control", "no-store");
  response.set("Repr-Digest", std::format("sha-256=:{}:", encode_base64(digest)));
  response.set("Tintype-Job", photo.heavy.job.id.to_string());
  response.set("Tintype-Width", std::to_string(variant->width));
  response.set("Tintype-Height", std::to_string(variant->height));
  response.set("Tintype-Quality", std::to_string(variant->quality));
  if (const auto& contract = variant->contract) {
    response.set("Tintype-Score", std::format("{:.2f}", contract->score));
    response.set("Tintype-Score-Met", contract->is_met() ? "yes" : std::string(search_end_name(contract->end)));
    response.set("Tintype-Encodes", std::format("{:.2f}", contract->encodes()));
  }
  return response;
}

class VariantAnswer final : public http::PendingAnswer {
 public:
  VariantAnswer(Wanted wanted, PhotoId photo, JobId job) : wanted_(std::move(wanted)), photo_(photo), job_(job) {}

  ~VariantAnswer() override {
    wanted_.ticket.reset();
    wanted_.api.transients->remove(photo_, job_, wanted_.asker);
  }

  void on_ready(std::function<void()> wake) override { wanted_.ticket->on_end(std::move(wake)); }

  std::optional<http::Response> look() override {
    auto found = look_for_variant();
    if (!found) {
      // Here a time limit is the caller's own, not a store's.
      const bool is_late = found.error().code == ErrorCode::kTimedOut;
      return problem_response(Problem{found.error(), is_late ? std::optional(504) : std::nullopt, {}, job_});
    }
    return std::move(*found);
  }

  SteadyTime look_again_at() const override {
    return std::min(wanted_.deadline, std::chrono::steady_clock::now() + kLookPeriod);
  }

 private:
  Result<std::optional<http::Response>> look_for_variant() {
    const GatewayServices& services = wanted_.api.services;
    TT_ASSIGN(const Photo photo, services.index.get(std::string(kTransientOwner), photo_));
    if (photo.light.complete) {
      TT_ASSIGN(http::Response response, variant_answer(wanted_, photo));
      return std::optional(std::move(response));
    }
    if (photo.light.failed) {
      const auto record = services.jobs.get(job_);
      if (!record) return fail(ErrorCode::kInternal, "the job failed, and its record is not there to say why");
      if (record->failure) return fail(*record->failure);
      if (is_final(record->state)) return fail(ErrorCode::kCancelled, "the job was cancelled");
    }
    if (std::chrono::steady_clock::now() < wanted_.deadline) return std::optional<http::Response>();
    return fail(ErrorCode::kTimedOut,
                std::format("the variant was not made within {} ms; give it more time, or come when the farm is "
                            "less busy",
                            wanted_.patience.count()));
  }

  Wanted wanted_;
  const PhotoId photo_;
  const JobId job_;
};

class CompressSink final : public http::BodySink {
 public:
  CompressSink(Wanted wanted, std::unique_ptr<PhotoUpload> upload)
      : wanted_(std::move(wanted)), upload_(std::move(upload)) {}

  std::optional<http::Response> write(ByteView piece) override {
    if (const Status written = upload_->write(piece); !written) return refused(written.error());
    return {};
  }

  http::Response finish() override {
    const auto receipt = upload_->finish();
    if (!receipt) return refused(receipt.error());
    if (receipt->not_enqueued) {
      wanted_.api.transients->remove(receipt->photo, receipt->job, wanted_.asker);
      return refused(*receipt->not_enqueued);
    }
    return http::answer_later(std::make_unique<VariantAnswer>(std::move(wanted_), receipt->photo, receipt->job));
  }

 private:
  http::Response refused(const Error& error) {
    return problem_response(upload_problem(error, wanted_.api.services.log));
  }

  Wanted wanted_;
  std::unique_ptr<PhotoUpload> upload_;
};

// A number, or a score: "ssimulacra2:70".
Status read_quality(const Call& call, Rung& rung) {
  const std::string text = text_parameter(call, "quality");
  if (!text.contains(':')) {
    TT_ASSIGN(const auto quality, number_parameter(call, "quality", 0, 100, usual_quality(rung.format)));
    rung.quality = static_cast<int>(quality);
    return {};
  }
  TT_ASSIGN(rung.target, parse_quality_target(text));
  return {};
}

// Of the format.
Status read_encoder(const Call& call, Rung& rung) {
  rung.encoder = default_encoder(rung.format);
  const std::string name = text_parameter(call, "encoder");
  if (name.empty()) return {};
  const auto encoder = parse_encoder(name);
  if (!encoder) return fail(encoder.error().code, std::format("encoder={} {}", name, encoder.error().message));
  if ((*encoder == Encoder::kAom) != (rung.format == ImageFormat::kAvif))
    return fail(ErrorCode::kInvalidArgument,
                std::format("encoder={} does not make {}; leave it out", name, format_name(rung.format)));
  rung.encoder = *encoder;
  return {};
}

// The rung that the query says.
Result<Recipe> read_own_rung(const Call& call) {
  const std::string format = text_parameter(call, "format", "webp");
  if (format != "webp" && format != "avif" && format != "best")
    return fail(ErrorCode::kInvalidArgument, std::format("format={} must be webp, avif or best", format));
  const bool webp = format != "avif";
  TT_ASSIGN(const auto long_side, number_parameter(call, "long_side", 0, 65'535, 0));
  TT_ASSIGN(const auto effort, number_parameter(call, "effort", 0, webp ? 6 : 10, webp ? 4 : 2));
  Rung rung{.long_side_px = static_cast<std::uint32_t>(long_side),
            .format = webp ? ImageFormat::kWebp : ImageFormat::kAvif,
            .effort = static_cast<int>(effort)};
  TT_TRY(read_encoder(call, rung));
  TT_TRY(read_quality(call, rung));
  if (format == "best") {
    if (!rung.target) return fail(ErrorCode::kInvalidArgument, "format=best needs a score: quality=ssimulacra2:70");
    for (const char* name : {"effort", "encoder"}) {
      if (call.target.find(name))
        return fail(ErrorCode::kInvalidArgument,
                    std::format("{} is each format's own: leave it out with format=best", name));
    }
    rung.is_best = true;
    rung.effort = kEffortByClass;
  }
  Recipe recipe;
  recipe.name = "one-rung";
  recipe.rungs.push_back(rung);
  return recipe;
}

// A rung of a recipe by its names, or what the query says.
Result<Recipe> read_rung(const Call& call) {
  const bool named = call.target.find("recipe") || call.target.find("rung");
  if (named) {
    for (const char* name : {"format", "long_side", "quality", "effort", "encoder"}) {
      if (call.target.find(name))
        return fail(ErrorCode::kInvalidArgument,
                    std::format("{} is the recipe's to say; leave it or recipe and rung out", name));
    }
    TT_ASSIGN(Recipe recipe, recipe_named(text_parameter(call, "recipe", "web"), call.api.recipes));
    const std::string wanted = text_parameter(call, "rung");
    std::string known;
    for (const Rung& rung : recipe.rungs) {
      if (rung.name() == wanted) {
        recipe.rungs = {Rung(rung)};
        return recipe;
      }
      known += (known.empty() ? "" : ", ") + rung.name();
    }
    return fail(ErrorCode::kInvalidArgument,
                std::format("rung={} must be one of the recipe {}: {}", wanted, recipe.name, known));
  }
  return read_own_rung(call);
}

}  // namespace

Result<http::Begun> compress_picture(const Call& call) {
  const auto began_at = std::chrono::steady_clock::now();
  Api& api = call.api;
  TT_ASSIGN(const auto patience_ms, number_parameter(call, "deadline_ms", 100, 600'000, 30'000));
  const std::chrono::milliseconds patience(patience_ms);
  TT_ASSIGN(UploadOrder order, read_body_order(call));
  if (!order.idempotency_key.empty())
    return fail(ErrorCode::kInvalidArgument, "nothing is kept of this request; leave Idempotency-Key out");
  TT_ASSIGN(order.recipe, read_rung(call));
  order.job_class = JobClass::kInteractive;
  order.deadline_ms = api.services.clock.now_ms() + patience.count();
  api.transients->adopt(order);

  TT_ASSIGN(auto place, api.transients->take_place());
  TT_ASSIGN(auto ticket, api.transients->watch(*order.job));
  Wanted wanted{api,      std::move(place),   std::move(ticket), call.owner, order.recipe.rungs[0].name(),
                patience, began_at + patience};
  TT_ASSIGN(auto upload, PhotoUpload::start(upload_services(api), std::move(order)));
  return std::unique_ptr<http::BodySink>(std::make_unique<CompressSink>(std::move(wanted), std::move(upload)));
}

}  // namespace tintype
