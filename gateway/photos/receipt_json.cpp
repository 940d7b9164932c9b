#include "gateway/photos/receipt_json.h"

namespace tintype {

Json to_json_value(const UploadReceipt& receipt) {
  return {{"photo_id", receipt.photo.to_string()},
          {"job_id", receipt.job.to_string()},
          {"bytes", receipt.bytes},
          {"sha256", receipt.sha256},
          {"existed", receipt.existed}};
}

http::Response receipt_answer(const UploadReceipt& receipt) {
  http::Response response = json_answer(receipt.existed ? 200 : 201, to_json_value(receipt));
  response.set("Location", "/v1/photos/" + receipt.photo.to_string());
  return response;
}

Problem upload_problem(const Error& error, Logger& log) {
  if (http_status(error.code) >= 500) log.warning("upload_failed", {{"error", error.to_string()}});
  Problem problem{error, {}, {}, {}};
  if (error.code == ErrorCode::kInvalidArgument) {
    problem.status = 422;
    problem.retryable = true;
  }
  return problem;
}

}  // namespace tintype
