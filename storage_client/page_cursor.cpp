#include "storage_client/page_cursor.h"

#include <charconv>
#include <format>

#include "core/job/job.h"

namespace tintype {
namespace {

constexpr std::size_t kIdCharacters = 13;
constexpr std::size_t kHexCharacters = 16;

std::unexpected<Error> bad_cursor() {
  return fail(ErrorCode::kInvalidArgument, "cursor: not one that a page before returned, start without a cursor");
}

template <typename Integer>
bool parse_whole(std::string_view text, Integer& out, int base) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string list_cursor(ListOrder order, const LightRow& last) {
  if (order == ListOrder::kUploaded) return "u" + last.photo.to_string();
  return std::format("t{:016x}{}", sortable_ms(last.taken_at_ms), last.photo.to_string());
}

Result<ListPosition> parse_list_cursor(ListOrder order, std::string_view text) {
  const bool by_taken = order == ListOrder::kTaken;
  if (text.size() != 1 + (by_taken ? kHexCharacters : 0) + kIdCharacters) return bad_cursor();
  if (text.front() != (by_taken ? 't' : 'u')) return bad_cursor();
  text.remove_prefix(1);
  ListPosition position;
  if (by_taken) {
    std::uint64_t bits = 0;
    if (!parse_whole(text.substr(0, kHexCharacters), bits, 16)) return bad_cursor();
    position.taken_at_ms = ms_from_sortable(bits);
    text.remove_prefix(kHexCharacters);
  }
  auto photo = PhotoId::parse(text);
  if (!photo) return bad_cursor();
  position.photo = *photo;
  return position;
}

std::string ref_cursor(const PhotoRef& last) {
  return std::format("{}.{}.{}", last.since_ms, last.owner, last.photo.to_string());
}

Result<PhotoRef> parse_ref_cursor(std::string_view text) {
  const std::size_t first = text.find('.');
  const std::size_t last = text.rfind('.');
  if (first == std::string_view::npos || first == last) return bad_cursor();
  PhotoRef ref;
  ref.owner = text.substr(first + 1, last - first - 1);
  auto photo = PhotoId::parse(text.substr(last + 1));
  if (!photo || !is_valid_owner(ref.owner) || !parse_whole(text.substr(0, first), ref.since_ms, 10)) {
    return bad_cursor();
  }
  ref.photo = *photo;
  return ref;
}

}  // namespace tintype
