// Box: one length-prefixed box of an ISO base media file (ISO/IEC 14496-12, 4.2).
#pragma once

#include <cstdint>
#include <optional>

#include "codec/cursor.h"

namespace tintype {

struct Box {
  std::uint32_t type = 0;
  ByteView body;        // what is there of it
  bool is_cut = false;  // it claims more bytes than there are
};

// The box at the cursor, which then stands behind it; nullopt at the end or where no box header fits. A
// length that is shorter than the box's own header also ends the walk.
inline std::optional<Box> next_box(Cursor& in) {
  std::uint64_t length = in.u32be();
  Box box;
  box.type = in.u32be();
  std::uint64_t header_bytes = 8;
  if (length == 1) {
    length = in.u64be();
    header_bytes = 16;
  }
  if (in.failed()) return std::nullopt;
  if (length == 0) length = header_bytes + in.remaining();  // to the end of the file
  if (length < header_bytes) return std::nullopt;
  const std::uint64_t body_bytes = length - header_bytes;
  box.is_cut = body_bytes > in.remaining();
  box.body = box.is_cut ? in.take(in.remaining()) : in.take(body_bytes);
  return box;
}

// Whether the file ends inside a box of the picture's headers or data, or inside a box's header. What else may be cut
// behind a whole picture does not count.
inline bool ends_inside_a_box(ByteView file) {
  Cursor in(file);
  while (!in.at_end()) {
    const std::optional<Box> box = next_box(in);
    if (!box) return in.failed();  // inside a box's header
    if (box->is_cut)
      return box->type == four_letters("ftyp") || box->type == four_letters("meta") ||
             box->type == four_letters("moov") || box->type == four_letters("mdat");
  }
  return false;
}

// The first box of that type directly inside `parent`.
inline std::optional<Box> find_box(ByteView parent, std::uint32_t type) {
  Cursor in(parent);
  while (std::optional<Box> box = next_box(in))
    if (box->type == type) return box;
  return std::nullopt;
}

}  // namespace tintype
