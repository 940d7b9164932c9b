// POST /v1/jobs: a picture, or where it is, in; a job to come back for.
#include <algorithm>
#include <format>

#include "core/base/time_text.h"
#include "gateway/api.h"
#include "gateway/hooks/ingests.h"
#include "gateway/http/header_value.h"
#include "gateway/jobs/transients.h"
#include "gateway/photos/receipt_json.h"
#include "gateway/photos/upload_order.h"
#include "gateway/small_body.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxUrlBodyBytes = 16 << 10;

http::Response submitted_answer(const Transients& transients, const UploadReceipt& receipt) {
  const std::string url = "/v1/jobs/" + receipt.job.to_string();
  http::Response response =
      json_answer(receipt.existed ? 200 : 202, {{"job_id", receipt.job.to_string()},
                                                {"bytes", receipt.bytes},
                                                {"sha256", receipt.sha256},
                                                {"existed", receipt.existed},
                                                {"results", url + "/results"},
                                                {"expires_at", to_rfc3339(transients.expires_at_ms(receipt.photo))}});
  response.set("Location", url);
  return response;
}

// A queue that is full asks whoever submits to slow down; one that is down only delays.
http::Response submitted_or_refused(Api& api, const std::string& asker, const UploadReceipt& receipt) {
  if (!receipt.not_enqueued || receipt.not_enqueued->code != ErrorCode::kQueueFull)
    return submitted_answer(*api.transients, receipt);
  api.transients->remove(receipt.photo, receipt.job, asker);
  return problem_response(*receipt.not_enqueued);
}

class SubmitSink final : public http::BodySink {
 public:
  SubmitSink(Api& api, std::string asker, std::unique_ptr<PhotoUpload> upload)
      : api_(api), asker_(std::move(asker)), upload_(std::move(upload)) {}

  std::optional<http::Response> write(ByteView piece) override {
    if (const Status written = upload_->write(piece); !written) return refused(written.error());
    return {};
  }

  http::Response finish() override {
    const auto receipt = upload_->finish();
    if (!receipt) return refused(receipt.error());
    return submitted_or_refused(api_, asker_, *receipt);
  }

 private:
  http::Response refused(const Error& error) { return problem_response(upload_problem(error, api_.services.log)); }

  Api& api_;
  const std::string asker_;
  std::unique_ptr<PhotoUpload> upload_;
};

Result<FetchOrder> read_url(const HooksConfig& config, const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || json.size() != 1 || !json.contains("url") || !json["url"].is_string())
    return fail(ErrorCode::kInvalidArgument,
                "the body must be {\"url\": \"https://...\"}, or a picture under another Content-Type");
  FetchOrder order;
  TT_ASSIGN(order.url, FetchUrl::parse(json["url"].get<std::string>()));
  order.prefixes = config.url_prefixes;
  order.networks = config.url_networks;
  if (std::ranges::any_of(order.prefixes, [&](const FetchUrl& prefix) { return starts_with(order.url, prefix); }))
    return order;
  return fail(ErrorCode::kDenied,
              std::format("{} is not below a URL that the farm's hooks file allows", order.url.text));
}

http::Response submit_url(Api& api, const UploadOrder& order, const std::string& body) {
  auto fetch = read_url(api.ingests->config(), body);
  if (!fetch) return problem_response(fetch.error());
  std::vector<Ingest> ingests;
  ingests.push_back({order, std::move(*fetch)});
  auto answer = api.ingests->answer(std::move(ingests), [&api, asker = order.asked_by](const IngestOutcomes& outcomes) {
    const auto& receipt = outcomes[0];
    return receipt ? submitted_or_refused(api, asker, *receipt) : problem_response(receipt.error());
  });
  return answer ? std::move(*answer) : problem_response(answer.error());
}

bool is_json(std::string_view content_type) {
  const auto type = http::parse_header_value(content_type);
  return type && type->value == "application/json";
}

}  // namespace

Result<http::Begun> submit_job(const Call& call) {
  TT_ASSIGN(UploadOrder order, read_upload_order(call));
  call.api.transients->adopt(order);
  if (is_json(order.content_type)) {
    order.content_type.clear();  // of the request, not of the picture
    return collect_body(kMaxUrlBodyBytes, [&api = call.api, order = std::move(order)](const std::string& body) {
      return submit_url(api, order, body);
    });
  }
  TT_ASSIGN(const auto receipt, find_receipt(call.api, order));
  if (receipt) return submitted_answer(*call.api.transients, *receipt);
  TT_ASSIGN(auto upload, PhotoUpload::start(upload_services(call.api), std::move(order)));
  return std::unique_ptr<http::BodySink>(std::make_unique<SubmitSink>(call.api, call.owner, std::move(upload)));
}

}  // namespace tintype
