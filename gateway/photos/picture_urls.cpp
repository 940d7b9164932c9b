#include "gateway/photos/picture_urls.h"

#include <algorithm>
#include <format>

#include "gateway/access/gate.h"
#include "gateway/access/signed_path.h"
#include "gateway/parameters.h"

namespace tintype {
namespace {

constexpr std::int64_t kShortest = 60;
constexpr std::int64_t kLongest = 30 * 24 * 3600;
constexpr std::int64_t kUsual = 24 * 3600;
constexpr std::size_t kMaxName = 64;

// A variant's name, "original", or "w512": nothing that needs escaping in a path.
bool is_picture_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName &&
         std::ranges::all_of(name,
                             [](char c) {
                               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                      c == '.' || c == '-' || c == '_';
                             }) &&
         name != "." && name != "..";
}

}  // namespace

Result<std::optional<PictureUrls>> PictureUrls::wanted_by(const Call& call) {
  const std::string* name = call.target.find("urls");
  if (!name) return std::nullopt;
  if (!is_picture_name(*name)) {
    return fail(
        ErrorCode::kInvalidArgument,
        std::format("urls={} must be a variant's name such as 256.webp, 'original', or a width such as w512", *name));
  }
  TT_ASSIGN(const std::uint64_t lives_s, number_parameter(call, "ttl", kShortest, kLongest, kUsual));
  auto book = call.api.gate.book();
  if (!book) return fail(ErrorCode::kUnavailable, "there is no key to sign URLs with: see the farm's log");
  const std::int64_t expires_s = expiry_after(call.api.services.clock.now_ms(), static_cast<std::int64_t>(lives_s));
  return std::optional(PictureUrls(std::move(book), call.owner, *name, expires_s));
}

std::string PictureUrls::of(const LightRow& row) const {
  return signed_path(*book_, {owner_, row.photo, row.revision, name_, expires_s_});
}

}  // namespace tintype
