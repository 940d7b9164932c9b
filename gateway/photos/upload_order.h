// What a request says about the photo it brings: raw, in a form, or by tus.
#pragma once

#include "gateway/api.h"
#include "gateway/photos/photo_upload.h"

namespace tintype {

// The headers alone, without a recipe. kInvalidArgument names what is wrong; kUnsupported for a
// Content-Encoding.
Result<UploadOrder> read_body_order(const Call& call);

// Headers and query of an upload.
Result<UploadOrder> read_upload_order(const Call& call);

// Where the uploads of this gateway go.
UploadServices upload_services(const Api& api);

// The receipt of the photo that the order's Idempotency-Key made before; none if there is none.
Result<std::optional<UploadReceipt>> find_receipt(const Api& api, const UploadOrder& order);

}  // namespace tintype
