// ItemProperties: which properties the items of a HEIF `meta` box have (ISO/IEC 23008-12, 6.5 and 9.3).
#pragma once

#include <cstdint>
#include <vector>

#include "codec/avif/box.h"
#include "core/base/bytes.h"

namespace tintype {

// The inside of a FullBox: version and flags taken off its front.
struct FullBoxBody {
  std::uint8_t version = 0;
  std::uint32_t flags = 0;
  ByteView body;
  static FullBoxBody of(ByteView box_body) {
    Cursor in(box_body);
    FullBoxBody full;
    full.version = in.u8();
    full.flags = static_cast<std::uint32_t>(in.big_endian(3));
    full.body = in.rest();
    return full;
  }
};

class ItemProperties {
 public:
  // More boxes than a sane file has are not kept: the list must not grow with what a hostile file repeats.
  static constexpr std::size_t kMaxProperties = 4096;

  // `meta` is the inside of the meta box behind its version and flags.
  explicit ItemProperties(ByteView meta);

  // The properties associated with the item, in their order.
  std::vector<Box> of_item(std::uint32_t item_id) const;
  const std::vector<Box>& all() const { return properties_; }

 private:
  std::vector<Box> properties_;  // ipco's children; an association's index counts from 1
  ByteView associations_;        // ipma, whole
};

}  // namespace tintype
