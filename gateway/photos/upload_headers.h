// What an upload says about itself, checked. Pure; takes hostile text (fuzzed).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/digest.h"
#include "core/base/result.h"

namespace tintype {

// The last part of `name`, control characters replaced by '_'. kInvalidArgument if it is no UTF-8 or over 255
// bytes.
Result<std::string> parse_file_name(std::string_view name);

// Repr-Digest (RFC 9530): the value of "sha-256" in "sha-256=:BASE64:", other algorithms are passed over;
// none if the header does not name it. kInvalidArgument if it does not parse.
Result<std::optional<Sha256>> parse_repr_digest(std::string_view header);

// Idempotency-Key: 1 to 255 visible ASCII characters.
Result<std::string> parse_idempotency_key(std::string_view header);

// The trace id of a W3C traceparent header, or a new one: 32 hex digits.
std::string trace_id_of(std::string_view traceparent);

}  // namespace tintype
