// The headers of the tus protocol (https://tus.io/protocols/resumable-upload, version 1.0). Pure; takes
// hostile text (fuzzed).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace tintype {

inline constexpr std::string_view kTusVersion = "1.0.0";
inline constexpr std::string_view kTusExtensions = "creation,creation-with-upload,expiration,termination,checksum";
inline constexpr std::string_view kTusChecksums = "sha1,sha256";

// Upload-Length, Upload-Offset: a whole number. kInvalidArgument names the header.
Result<std::uint64_t> parse_tus_number(std::string_view name, std::string_view text);

// Upload-Metadata: names and decoded values, in order; a value may be missing. kInvalidArgument for what is
// no base64, a name given twice, or more than 32 of them.
using TusMetadata = std::vector<std::pair<std::string, std::string>>;
Result<TusMetadata> parse_tus_metadata(std::string_view text);

enum class TusChecksumKind : std::uint8_t { kSha1, kSha256 };
struct TusChecksum {
  TusChecksumKind kind = TusChecksumKind::kSha1;
  std::string digest;  // raw bytes
};
// Upload-Checksum. kInvalidArgument for another algorithm or a digest of another length.
Result<TusChecksum> parse_tus_checksum(std::string_view text);

}  // namespace tintype
