#include "codec/avif/probe_avif.h"

#include <algorithm>
#include <string>

#include "codec/avif/box.h"
#include "codec/avif/item_properties.h"
#include "codec/cursor.h"

namespace tintype {
namespace {

// Far beyond what real files have; they bound the time that a hostile one can take.
constexpr std::uint32_t kMaxFileTypeBytes = 1024;
constexpr std::size_t kMaxMetaBytes = 16u << 20;

std::unexpected<Error> cut() {
  return fail(ErrorCode::kTruncatedImage, "the AVIF ends inside its header; copy it again from its source");
}
std::unexpected<Error> corrupt(const std::string& what) {
  return fail(ErrorCode::kCorruptImage, "the AVIF's header is damaged: " + what + "; copy it again from its source");
}

bool is_avif_brand(std::uint32_t brand) { return brand == four_letters("avif") || brand == four_letters("avis"); }

// irot (quarter turns anticlockwise), then imir (1: left and right change places; 0: top and bottom) as the
// EXIF orientation that does the same. MIAF (ISO/IEC 23000-22, 7.3.6.7) fixes that order.
constexpr std::uint8_t kOrientation[4][3] = {
    // not mirrored, top-bottom, left-right
    {1, 4, 2},
    {8, 5, 7},
    {3, 2, 4},
    {6, 7, 5},
};

// Bits a sample and whether it is gray, from the AV1 configuration (AV1-ISOBMFF, 2.3.3).
void read_av1_configuration(ByteView av1c, SourceInfo& info) {
  Cursor in(av1c);
  in.skip(2);
  const std::uint8_t flags = in.u8();
  if (in.failed()) return;
  const bool high_bit_depth = (flags & 0x40) != 0;
  const bool twelve_bit = (flags & 0x20) != 0;
  const bool monochrome = (flags & 0x10) != 0;
  info.bits = !high_bit_depth ? 8 : twelve_bit ? 12 : 10;
  info.channels = monochrome ? 1 : 3;
}

bool is_alpha(const std::vector<Box>& properties) {
  constexpr std::string_view kAlpha = "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha";
  constexpr std::string_view kOldAlpha = "urn:mpeg:hevc:2015:auxid:1";
  for (const Box& box : properties) {
    if (box.type != four_letters("auxC")) continue;
    const std::string_view kind = as_text(FullBoxBody::of(box.body).body);
    if (kind.starts_with(kAlpha) || kind.starts_with(kOldAlpha)) return true;
  }
  return false;
}

// Whether an auxiliary item that is an alpha plane points at the primary item.
bool has_alpha_item(ByteView meta, std::uint32_t primary, const ItemProperties& properties) {
  const std::optional<Box> iref = find_box(meta, four_letters("iref"));
  if (!iref) return false;
  const FullBoxBody references = FullBoxBody::of(iref->body);
  const unsigned id_bytes = references.version == 0 ? 2 : 4;
  Cursor in(references.body);
  // A sane file has a handful of auxiliary items; each costs a walk over the associations.
  int budget = 8;
  while (std::optional<Box> box = next_box(in)) {
    if (box->type != four_letters("auxl")) continue;
    if (budget-- == 0) break;
    Cursor reference(box->body);
    const auto from = static_cast<std::uint32_t>(reference.big_endian(id_bytes));
    const std::uint16_t count = reference.u16be();
    bool points_at_primary = false;
    for (unsigned i = 0; i < count && !reference.failed(); ++i)
      points_at_primary |= reference.big_endian(id_bytes) == primary;
    if (points_at_primary && is_alpha(properties.of_item(from))) return true;
  }
  return false;
}

// The four letters of the item's type; 0 if the item is not described.
std::uint32_t item_type(ByteView meta, std::uint32_t item_id) {
  const std::optional<Box> iinf = find_box(meta, four_letters("iinf"));
  if (!iinf) return 0;
  const FullBoxBody items = FullBoxBody::of(iinf->body);
  Cursor in(items.body);
  in.skip(items.version == 0 ? 2 : 4);
  while (std::optional<Box> box = next_box(in)) {
    if (box->type != four_letters("infe")) continue;
    const FullBoxBody entry = FullBoxBody::of(box->body);
    Cursor fields(entry.body);
    const std::uint64_t id = fields.big_endian(entry.version < 3 ? 2 : 4);
    fields.skip(2);
    const std::uint32_t type = fields.u32be();
    if (entry.version >= 2 && id == item_id && !fields.failed()) return type;
  }
  return 0;
}

Result<SourceInfo> probe_item(ByteView meta, std::uint32_t primary) {
  const std::uint32_t type = item_type(meta, primary);
  if (type != 0 && type != four_letters("av01") && type != four_letters("grid"))
    return fail(ErrorCode::kUnsupportedImage,
                "the file's main picture is not coded with AV1; save it as an ordinary AVIF, JPEG or PNG");
  const ItemProperties properties(meta);
  SourceInfo info;
  info.format = ImageFormat::kAvif;
  bool has_size = false;
  bool has_configuration = false;
  unsigned quarter_turns = 0;
  unsigned mirror = 0;
  for (const Box& box : properties.of_item(primary)) {
    if (box.type == four_letters("ispe")) {
      Cursor in(FullBoxBody::of(box.body).body);
      info.width = in.u32be();
      info.height = in.u32be();
      if (in.failed()) return corrupt("its size property is too short");
      has_size = true;
    } else if (box.type == four_letters("av1C")) {
      read_av1_configuration(box.body, info);
      has_configuration = true;
    } else if (box.type == four_letters("irot")) {
      quarter_turns = Cursor(box.body).u8() & 3;
    } else if (box.type == four_letters("imir")) {
      mirror = 1 + (Cursor(box.body).u8() & 1);
    }
  }
  if (!has_size) return corrupt("its main picture has no size");
  if (info.width == 0 || info.height == 0) return corrupt("a side is zero");
  if (!has_configuration) {  // a grid: its tiles have it
    for (const Box& box : properties.all()) {
      if (box.type != four_letters("av1C")) continue;
      read_av1_configuration(box.body, info);
      break;
    }
  }
  info.orientation = kOrientation[quarter_turns][mirror];
  info.has_alpha = has_alpha_item(meta, primary, properties);
  return info;
}

struct Track {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t frames = 0;
};

// The first AV1 track (ISO/IEC 14496-12: moov/trak/mdia/minf/stbl, its stsd and stsz).
std::optional<Track> find_track(ByteView moov) {
  Cursor tracks(moov);
  while (std::optional<Box> trak = next_box(tracks)) {
    if (trak->type != four_letters("trak")) continue;
    std::optional<Box> box = trak;
    for (const std::uint32_t step : {four_letters("mdia"), four_letters("minf"), four_letters("stbl")})
      if (box) box = find_box(box->body, step);
    if (!box) continue;
    const std::optional<Box> stsd = find_box(box->body, four_letters("stsd"));
    const std::optional<Box> stsz = find_box(box->body, four_letters("stsz"));
    if (!stsd || !stsz) continue;
    Cursor descriptions(FullBoxBody::of(stsd->body).body);
    descriptions.skip(4);
    const std::optional<Box> av01 = next_box(descriptions);
    if (!av01 || av01->type != four_letters("av01")) continue;
    Cursor entry(av01->body);
    entry.skip(24);
    Cursor sizes(FullBoxBody::of(stsz->body).body);
    sizes.skip(4);
    const Track track{entry.u16be(), entry.u16be(), sizes.u32be()};
    if (!entry.failed() && !sizes.failed()) return track;
  }
  return std::nullopt;
}

}  // namespace

bool is_avif(ByteView first_bytes) {
  Cursor in(first_bytes);
  const std::uint32_t length = std::min(in.u32be(), kMaxFileTypeBytes);
  if (in.u32be() != four_letters("ftyp")) return false;
  if (is_avif_brand(in.u32be())) return true;
  in.skip(4);
  for (std::uint32_t position = 16; position + 4 <= length && !in.failed(); position += 4)
    if (is_avif_brand(in.u32be())) return true;
  return false;
}

Result<SourceInfo> probe_avif(ByteView file) {
  std::optional<Box> meta;
  std::optional<Track> track;
  bool is_cut = false;
  Cursor in(file);
  while (std::optional<Box> box = next_box(in)) {
    if (box->type == four_letters("meta") && !meta) meta = box;
    if (box->type == four_letters("moov") && !track) track = find_track(box->body);
    is_cut |= box->is_cut;
  }
  if (meta && meta->is_cut) return cut();
  if (meta && meta->body.size() > kMaxMetaBytes) return corrupt("its list of items is impossibly long");
  if (!meta && !track) {
    if (is_cut || in.at_end()) return cut();
    return corrupt("it has no picture header");
  }
  const ByteView items = meta ? FullBoxBody::of(meta->body).body : ByteView();
  SourceInfo info;
  info.format = ImageFormat::kAvif;
  if (const std::optional<Box> pitm = find_box(items, four_letters("pitm"))) {
    const FullBoxBody full = FullBoxBody::of(pitm->body);
    TT_ASSIGN(info,
              probe_item(items, static_cast<std::uint32_t>(Cursor(full.body).big_endian(full.version == 0 ? 2 : 4))));
  } else if (track) {
    info.width = track->width;
    info.height = track->height;
    if (info.width == 0 || info.height == 0) return corrupt("a side is zero");
  } else {
    return corrupt("it does not say which picture is the main one");
  }
  if (track && track->frames > 1) info.frames = track->frames;
  return info;
}

}  // namespace tintype
