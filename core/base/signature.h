// Keyed signatures for tokens and URLs: HMAC-SHA256 (RFC 2104, OpenSSL underneath), written in base64url
// without padding (RFC 4648, 5). Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/digest.h"

namespace tintype {

Sha256 hmac_sha256(ByteView key, std::string_view message);

std::string to_base64url(ByteView bytes);
std::string to_base64(ByteView bytes);  // the other alphabet, padded (RFC 4648, 4): thumbhashes
// None for text that to_base64url() does not write.
std::optional<Bytes> from_base64url(std::string_view text);

// Of `salt` followed by `message`: imgproxy's scheme. A salt of its own for each use keeps a signature made for
// one from passing for another.
std::string signature_of(ByteView key, std::string_view salt, std::string_view message);

// Takes as long wherever the texts differ, so that a signature cannot be found letter by letter.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// `size` bytes nobody can predict, from the kernel.
Bytes random_bytes(std::size_t size);

}  // namespace tintype
