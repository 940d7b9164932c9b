// POST /v1/photos
#include "gateway/api.h"
#include "gateway/json_answer.h"
#include "gateway/parameters.h"
#include "gateway/photo_upload.h"
#include "gateway/problem.h"
#include "gateway/recipe_names.h"
#include "gateway/upload_headers.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxContentTypeBytes = 255;

http::Response to_answer(const UploadReceipt& receipt) {
  http::Response response = json_answer(receipt.existed ? 200 : 201, {{"photo_id", receipt.photo.to_string()},
                                                                      {"job_id", receipt.job.to_string()},
                                                                      {"bytes", receipt.bytes},
                                                                      {"sha256", receipt.sha256},
                                                                      {"existed", receipt.existed}});
  response.set("Location", "/v1/photos/" + receipt.photo.to_string());
  return response;
}

class UploadSink final : public http::BodySink {
 public:
  UploadSink(std::unique_ptr<PhotoUpload> upload, Logger& log) : upload_(std::move(upload)), log_(log) {}

  std::optional<http::Response> write(ByteView piece) override {
    if (const Status written = upload_->write(piece); !written) return to_problem(written.error());
    return {};
  }

  http::Response finish() override {
    const auto receipt = upload_->finish();
    return receipt ? to_answer(*receipt) : to_problem(receipt.error());
  }

 private:
  http::Response to_problem(const Error& error) {
    if (http_status(error.code) >= 500) log_.warning("upload_failed", {{"error", error.to_string()}});
    Problem problem{error, {}, {}, {}};
    if (error.code == ErrorCode::kInvalidArgument) {  // the bytes are not what the client said they are
      problem.status = 422;
      problem.retryable = true;
    }
    return problem_response(problem);
  }

  std::unique_ptr<PhotoUpload> upload_;
  Logger& log_;
};

Result<UploadOrder> read_order(const Call& call) {
  UploadOrder order;
  order.owner = call.owner;
  TT_ASSIGN(order.file_name, parse_file_name(text_parameter(call, "name")));
  order.content_type = call.request.header("Content-Type");
  if (order.content_type.size() > kMaxContentTypeBytes || !http::is_utf8(order.content_type)) {
    return fail(ErrorCode::kInvalidArgument, "Content-Type must be at most 255 bytes of text");
  }
  if (const std::string* key = call.request.find_header("Idempotency-Key")) {
    TT_ASSIGN(order.idempotency_key, parse_idempotency_key(*key));
  }
  if (const std::string* digest = call.request.find_header("Repr-Digest")) {
    TT_ASSIGN(order.expected_sha, parse_repr_digest(*digest));
  }
  TT_ASSIGN(order.recipe, recipe_named(text_parameter(call, "recipe", "web"), call.api.config.recipe_folder));
  TT_ASSIGN(order.job_class, parse_job_class(text_parameter(call, "class", "upload")));
  TT_ASSIGN(order.batch, batch_parameter(call));
  order.trace_id = trace_id_of(call.request.header("traceparent"));
  order.size_hint = call.request.content_length.value_or(0);
  return order;
}

}  // namespace

Result<http::Begun> upload_photo(const Call& call) {
  TT_ASSIGN(UploadOrder order, read_order(call));
  const GatewayServices& services = call.api.services;
  if (!order.idempotency_key.empty()) {
    TT_ASSIGN(const auto existing, services.index.find_idempotent(order.owner, order.idempotency_key));
    if (existing) {
      const std::string sha256 = order.expected_sha ? to_hex(*order.expected_sha) : std::string();
      TT_ASSIGN(const UploadReceipt receipt,
                receipt_of_existing(services.index, order.owner, *existing, sha256));
      return to_answer(receipt);
    }
  }
  const UploadServices where{services.blobs,     services.index, services.jobs,
                             call.api.publisher, services.clock, services.log};
  TT_ASSIGN(auto upload, PhotoUpload::start(where, std::move(order)));
  return std::unique_ptr<http::BodySink>(std::make_unique<UploadSink>(std::move(upload), services.log));
}

}  // namespace tintype
