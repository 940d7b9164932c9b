// Base64 (RFC 4648, section 4), strict: padded, and one text for one run of bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace tintype {

std::optional<std::string> decode_base64(std::string_view text);
std::string encode_base64(ByteView bytes);

}  // namespace tintype
