// The text of cursors: where a page ended, by value rather than by count, so that rows may come and go between
// pages. Opaque to callers, safe in a URL.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "storage_client/photo_index.h"

namespace tintype {

// The last row a page showed. `taken_at_ms` is 0 in the order by upload.
struct ListPosition {
  UnixMs taken_at_ms = 0;
  PhotoId photo;
};

std::string list_cursor(ListOrder order, const LightRow& last);
// kInvalidArgument for anything that list_cursor() does not write for this order.
Result<ListPosition> parse_list_cursor(ListOrder order, std::string_view text);

std::string ref_cursor(const PhotoRef& last);
Result<PhotoRef> parse_ref_cursor(std::string_view text);

// Milliseconds as 64 bits that sort, unsigned, as the signed times do.
inline std::uint64_t sortable_ms(UnixMs ms) { return static_cast<std::uint64_t>(ms) ^ (1ull << 63); }
inline UnixMs ms_from_sortable(std::uint64_t bits) { return static_cast<UnixMs>(bits ^ (1ull << 63)); }

}  // namespace tintype
