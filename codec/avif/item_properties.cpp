#include "codec/avif/item_properties.h"

namespace tintype {

ItemProperties::ItemProperties(ByteView meta) {
  const std::optional<Box> iprp = find_box(meta, four_letters("iprp"));
  if (!iprp) return;
  if (const std::optional<Box> ipco = find_box(iprp->body, four_letters("ipco"))) {
    Cursor in(ipco->body);
    while (properties_.size() < kMaxProperties) {
      std::optional<Box> box = next_box(in);
      if (!box) break;
      properties_.push_back(*box);
    }
  }
  if (const std::optional<Box> ipma = find_box(iprp->body, four_letters("ipma"))) associations_ = ipma->body;
}

std::vector<Box> ItemProperties::of_item(std::uint32_t item_id) const {
  std::vector<Box> found;
  const FullBoxBody ipma = FullBoxBody::of(associations_);
  Cursor in(ipma.body);
  const unsigned id_bytes = ipma.version < 1 ? 2 : 4;
  const bool wide_index = (ipma.flags & 1) != 0;
  const std::uint32_t entries = in.u32be();
  for (std::uint32_t entry = 0; entry < entries && !in.failed(); ++entry) {
    const bool is_ours = in.big_endian(id_bytes) == item_id;
    const std::uint8_t count = in.u8();
    for (unsigned i = 0; i < count && !in.failed(); ++i) {
      const unsigned index = wide_index ? in.u16be() & 0x7FFFu : in.u8() & 0x7Fu;  // the top bit says "essential"
      if (is_ours && index >= 1 && index <= properties_.size()) found.push_back(properties_[index - 1]);
    }
    if (is_ours) break;  // an item has one entry
  }
  return found;
}

}  // namespace tintype
