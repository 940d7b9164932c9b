// The text of an answer's head.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/http/message.h"

namespace tintype::http {

enum class ConnectionWord : std::uint8_t { kNone, kClose, kKeepAlive };

// Control characters in header values become blanks, so that no value can add a header.
std::string response_head(const Response& response, std::optional<std::uint64_t> content_length,
                          ConnectionWord connection);

// True if answers of this status have no body at all (1xx, 204, 304).
bool is_bodiless(int status);

// "Not Found".
std::string_view status_title(int status);

}  // namespace tintype::http
