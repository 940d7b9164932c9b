// POST /v1/photos
#include "gateway/api.h"
#include "gateway/http/multipart.h"
#include "gateway/photos/multipart_upload.h"
#include "gateway/photos/receipt_json.h"
#include "gateway/photos/upload_order.h"

namespace tintype {
namespace {

class UploadSink final : public http::BodySink {
 public:
  UploadSink(std::unique_ptr<PhotoUpload> upload, Logger& log) : upload_(std::move(upload)), log_(log) {}

  std::optional<http::Response> write(ByteView piece) override {
    if (const Status written = upload_->write(piece); !written)
      return problem_response(upload_problem(written.error(), log_));
    return {};
  }

  http::Response finish() override {
    const auto receipt = upload_->finish();
    return receipt ? receipt_answer(*receipt) : problem_response(upload_problem(receipt.error(), log_));
  }

 private:
  std::unique_ptr<PhotoUpload> upload_;
  Logger& log_;
};

}  // namespace

Result<http::Begun> upload_photo(const Call& call) {
  TT_ASSIGN(UploadOrder order, read_upload_order(call));
  if (http::is_multipart_form(order.content_type)) return begin_multipart_upload(call, std::move(order));
  TT_ASSIGN(const auto receipt, find_receipt(call.api, order));
  if (receipt) return receipt_answer(*receipt);
  TT_ASSIGN(auto upload, PhotoUpload::start(upload_services(call.api), std::move(order)));
  return std::unique_ptr<http::BodySink>(std::make_unique<UploadSink>(std::move(upload), call.api.services.log));
}

}  // namespace tintype
