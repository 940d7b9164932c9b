// A blob as an answer: strong ETag, 304, one range, HEAD; small ones at once, large ones in pieces.
#pragma once

#include <string>
#include <string_view>

#include "gateway/api.h"

namespace tintype {

struct ServedBlob {
  BlobKey key;
  std::string sha256;  // hex: the ETag
  std::string_view content_type;
  std::string file_name;  // what a browser saves it as; empty: none given
  std::string_view cache_control = "private, no-cache";
  std::string_view vary = "Authorization, Tintype-Owner";
};

Result<http::Begun> answer_blob(const Call& call, const ServedBlob& blob);

}  // namespace tintype
