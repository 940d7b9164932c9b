// Uploads' answers. Included by .cpp files alone.
#pragma once

#include "gateway/json_answer.h"
#include "gateway/photos/photo_upload.h"
#include "gateway/problem.h"

namespace tintype {

Json to_json_value(const UploadReceipt& receipt);

// 201, or 200 if the photo was there before.
http::Response receipt_answer(const UploadReceipt& receipt);

// Why an upload whose bytes had begun to come was not taken. Bytes that are not what the client said they
// are: 422.
Problem upload_problem(const Error& error, Logger& log);

}  // namespace tintype
