// The tus protocol's headers, base64, and the note that is kept of an upload.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/base64.h"
#include "gateway/tus/tus_headers.h"
#include "gateway/tus/tus_upload.h"
#include "tests/fuzz/round_trip.h"

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tintype;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto bytes = decode_base64(text)) must(encode_base64(as_bytes(*bytes)) == text);
  must(decode_base64(encode_base64({data, size})).value() == text);
  (void)parse_tus_number("Upload-Offset", text).has_value();
  if (const auto metadata = parse_tus_metadata(text)) {
    must(metadata->size() <= 32);
    for (const auto& [name, value] : *metadata) must(!name.empty() && value.size() <= size);
  }
  if (const auto checksum = parse_tus_checksum(text))
    must(checksum->digest.size() == (checksum->kind == TusChecksumKind::kSha1 ? 20u : 32u));
  check_round_trip({data, size}, parse_note, to_note);
  return 0;
}
