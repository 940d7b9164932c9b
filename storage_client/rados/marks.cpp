#include "storage_client/rados/marks.h"

#include <charconv>
#include <format>

#include "storage_client/checks.h"
#include "storage_client/page_cursor.h"
#include "storage_client/rados/scan.h"

namespace tintype::rados {
namespace {

// Many, so that no object takes every upload of the farm; few enough to ask them all at once.
constexpr std::uint64_t kObjects = 16;
constexpr UnixMs kOlderThanAnyWriteMs = 60 * 60 * 1000;

// '!' sorts before every character of an owner, so that keys sort as (time, owner, photo) do.
constexpr char kOwnerEnd = '!';
constexpr std::size_t kTimeText = 16;
constexpr std::size_t kIdText = 13;

std::string key_of(const PhotoRef& ref) {
  return hex(sortable_ms(ref.since_ms)) + ref.owner + kOwnerEnd + ref.photo.to_string();
}

std::optional<PhotoRef> parse_key(const std::string& key) {
  if (key.size() < kTimeText + 1 + kIdText) return std::nullopt;
  const auto photo = PhotoId::parse(std::string_view(key).substr(key.size() - kIdText));
  if (!photo) return std::nullopt;
  PhotoRef ref;
  std::uint64_t since = 0;
  if (std::from_chars(key.data(), key.data() + kTimeText, since, 16).ptr != key.data() + kTimeText) return std::nullopt;
  ref.since_ms = ms_from_sortable(since);
  ref.owner = key.substr(kTimeText, key.size() - kTimeText - kIdText - 1);
  ref.photo = *photo;
  return ref;
}

}  // namespace

Marks::Marks(Space& space, const Clock& clock, std::string kind)
    : space_(space), clock_(clock), kind_(std::move(kind)) {
  for (std::uint64_t i = 0; i < kObjects; ++i) objects_.push_back(std::format("{}.{}", kind_, i));
}

std::string Marks::object_of(const PhotoRef& ref) const { return objects_[ref.photo.value % kObjects]; }

Status Marks::put(const PhotoRef& ref, Deadline deadline) {
  Write write;
  write.create = true;
  write.set = {{key_of(ref), "1"}};
  TT_TRY(space_.write(object_of(ref), std::move(write), deadline));
  return {};
}

void Marks::erase(const PhotoRef& ref, Deadline deadline) {
  if (!space_.erase(object_of(ref), {key_of(ref)}, deadline)) return;
}

Result<RefPage> Marks::page(const std::string& after, int limit, Deadline deadline, const Verify& verify) {
  TT_TRY(check_page_limit(limit));
  ScanRange range;
  if (!after.empty()) {
    TT_ASSIGN(const PhotoRef last, parse_ref_cursor(after));
    range.after = key_of(last);
  }
  RefPage page;
  std::vector<PhotoRef> stale;
  const UnixMs old_ms = clock_.now_ms() - kOlderThanAnyWriteMs;
  TT_TRY(scan_merged(space_, objects_, range, static_cast<std::uint64_t>(limit) + 1, deadline,
                     [&](const std::string& key, const std::string&) -> Result<bool> {
                       const auto ref = parse_key(key);
                       if (!ref) return fail(ErrorCode::kCorruptData, "index: a mark cannot be read, run a scrub");
                       TT_ASSIGN(auto shown, verify(*ref));
                       if (!shown) {
                         if (ref->since_ms < old_ms) stale.push_back(*ref);
                         return true;
                       }
                       if (std::ssize(page.refs) == limit) {
                         page.next = ref_cursor(page.refs.back());
                         return false;
                       }
                       page.refs.push_back(*std::move(shown));
                       return true;
                     }));
  for (const PhotoRef& ref : stale) erase(ref, deadline);
  return page;
}

}  // namespace tintype::rados
