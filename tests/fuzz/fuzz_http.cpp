// What the gateway reads of a request before it trusts any of it: head and chunks, target, range, entity
// tags, Accept, digest, access token, signed path.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "core/base/signature.h"
#include "gateway/access/signed_path.h"
#include "gateway/access/token.h"
#include "gateway/http/accept.h"
#include "gateway/http/conditions.h"
#include "gateway/http/request_parser.h"
#include "gateway/http/target.h"
#include "gateway/photos/upload_headers.h"

namespace {

using namespace tintype;

void must(bool holds) {
  if (!holds) std::abort();
}

// Parses with input that comes `step` bytes at a time; answers everything that was understood.
std::string read_request(std::string_view input, std::size_t step) {
  http::RequestParser parser;
  std::size_t given = 0, used = 0;
  for (bool done = false; !done;) {
    const auto got = parser.read_head(input.substr(used, given - used));
    if (!got) return "refused";
    must(got->consumed <= given - used);
    used += got->consumed;
    done = got->done;
    if (done) break;
    if (given == input.size()) return "unfinished";
    given = std::min(input.size(), given + step);
  }
  const http::Request request = parser.take_request();
  std::string out = request.method + " " + request.target;
  for (const http::Header& header : request.headers) out += "\n" + header.name + ":" + header.value;
  if (!request.chunked) return out;
  std::vector<std::uint8_t> piece(64);
  for (bool done = false; !done;) {
    const auto got = parser.read_chunked(input.substr(used, given - used), piece);
    if (!got) return out + "\nrefused";
    must(got->consumed <= given - used && got->produced <= piece.size());
    out.append(reinterpret_cast<const char*>(piece.data()), got->produced);
    used += got->consumed;
    done = got->done;
    if (done || got->consumed > 0 || got->produced > 0) continue;
    if (given == input.size()) return out + "\nunfinished";
    given = std::min(input.size(), given + step);
  }
  return out + "\nwhole";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_request(text, size);
  read_request(text, 7);

  const http::Acceptance acceptance = http::acceptance_of(text, "image/webp");
  must(acceptance.weight >= 0 && acceptance.weight <= 1);
  if (const auto bytes = from_base64url(text)) must(to_base64url(*bytes) == text);
  AccessBook book;
  book.keys.push_back({"k1", std::string(32, 's'), 0});
  if (const auto claim = read_token(text)) {
    must(claim->signed_part + "." + claim->signature == text);
    must(!book.check_token(text, 0));
  }
  const std::string part(text);
  must(!check_signed_path(book, {part, "k1", part, part, part, part, part}, 0));

  if (const auto target = http::parse_target(text)) {
    for (const std::string& segment : target->segments) {
      must(segment != "." && segment != ".." && segment.find_first_of(std::string_view("/\\\0", 3)) == segment.npos);
    }
  }
  for (const std::uint64_t whole : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, ~std::uint64_t{0}}) {
    const http::RangeAnswer range = http::parse_range(text, whole);
    if (range.kind == http::RangeKind::kPart) {
      must(range.length >= 1 && range.offset < whole && range.length <= whole - range.offset);
    }
  }
  (void)http::matches_any_etag(text, "\"a\"");
  (void)http::if_range_holds(text, "\"a\"");
  (void)parse_repr_digest(text).has_value();
  (void)parse_idempotency_key(text).has_value();
  must(trace_id_of(text).size() == 32);
  if (const auto name = parse_file_name(text)) {
    must(name->size() <= 255 && http::is_utf8(*name) && name->find_first_of("/\\\n\r") == name->npos);
  }
  return 0;
}
