#include "bench/gpu/baseline_scan.h"

#include <algorithm>

namespace tintype::bench {
namespace {

constexpr std::uint8_t kBaselineFrame = 0xC0, kHuffmanTables = 0xC4, kStart = 0xD8, kScan = 0xDA,
                       kRestartInterval = 0xDD;

}  // namespace

std::optional<BaselineScan> BaselineScan::read(ByteView file, std::size_t most_bytes) {
  BaselineScan scan;
  if (file.size() < 2 || file[0] != 0xFF || file[1] != kStart) return std::nullopt;
  for (std::size_t at = 2; at + 4 <= file.size();) {
    if (file[at] != 0xFF) return std::nullopt;
    const std::uint8_t marker = file[at + 1];
    if (marker == 0xFF) {
      ++at;
      continue;
    }
    const std::size_t length = file[at + 2] * 256u + file[at + 3];
    if (length < 2 || at + 2 + length > file.size()) return std::nullopt;
    const ByteView segment = file.subspan(at + 4, length - 2);
    at += 2 + length;
    if (marker >= 0xC1 && marker <= 0xCF && marker != kHuffmanTables && marker != 0xC8 && marker != 0xCC)
      return std::nullopt;
    if (marker == kRestartInterval && segment.size() == 2) scan.has_restarts_ = segment[0] != 0 || segment[1] != 0;
    if (marker == kHuffmanTables && !scan.read_tables(segment)) return std::nullopt;
    if (marker == kBaselineFrame && !scan.read_frame(segment)) return std::nullopt;
    if (marker != kScan) continue;
    if (!scan.read_scan_header(segment) || !scan.take_codes(file.subspan(at), most_bytes)) return std::nullopt;
    return scan;
  }
  return std::nullopt;
}

bool BaselineScan::read_tables(ByteView segment) {
  while (segment.size() >= 17) {
    const std::uint8_t kind = segment[0] >> 4, place = segment[0] & 15;
    if (kind > 1 || place > 3) return false;
    CodeTable& table = tables_[kind][place];
    table.assign(1 << 16, {});
    std::size_t next = 17;
    std::uint32_t code = 0;
    for (std::uint8_t length = 1; length <= 16; ++length, code <<= 1) {
      for (int i = 0; i < segment[length]; ++i, ++code) {
        if (next >= segment.size() || code >= 1u << length) return false;
        const std::uint32_t first = code << (16 - length);
        std::fill_n(table.begin() + first, 1u << (16 - length), Code{length, segment[next++]});
      }
    }
    segment = segment.subspan(next);
  }
  return segment.empty();
}

bool BaselineScan::read_frame(ByteView segment) {
  if (segment.size() < 6 || segment.size() != 6 + 3u * segment[5]) return false;
  for (std::size_t i = 6; i < segment.size(); i += 3)
    components_.push_back({segment[i], static_cast<std::uint8_t>((segment[i + 1] >> 4) * (segment[i + 1] & 15))});
  return true;
}

bool BaselineScan::read_scan_header(ByteView segment) {
  if (segment.empty() || segment.size() != 4 + 2u * segment[0] || segment[0] != components_.size()) return false;
  for (std::size_t i = 1; i + 3 < segment.size(); i += 2) {
    const auto component = std::ranges::find(components_, segment[i], &Component::id);
    if (component == components_.end()) return false;
    const Block block{static_cast<std::uint8_t>(segment[i + 1] >> 4 & 3),
                      static_cast<std::uint8_t>(segment[i + 1] & 3)};
    if (tables_[0][block.dc].empty() || tables_[1][block.ac].empty()) return false;
    // A scan of one component has one block an MCU, whatever its sampling.
    blocks_.insert(blocks_.end(), components_.size() == 1 ? 1 : component->blocks, block);
  }
  return !blocks_.empty();
}

bool BaselineScan::take_codes(ByteView rest, std::size_t most_bytes) {
  for (std::size_t i = 0; i + 1 < rest.size() && codes_.size() < most_bytes; ++i) {
    if (rest[i] == 0xFF && rest[i + 1] != 0) break;
    codes_.push_back(rest[i]);
    if (rest[i] == 0xFF) ++i;
  }
  const bool any = !codes_.empty();
  codes_.resize(codes_.size() + kSlack);
  return any;
}

std::uint32_t BaselineScan::next_16(std::uint64_t bit) const {
  const std::uint8_t* const bytes = codes_.data() + bit / 8;
  return (bytes[0] << 16 | bytes[1] << 8 | bytes[2]) >> (8 - bit % 8) & 0xFFFF;
}

void BaselineScan::advance(Place& place) const {
  const Block& block = blocks_[place.block];
  const bool is_dc = place.coefficient == 0;
  const Code code = tables_[is_dc ? 0 : 1][is_dc ? block.dc : block.ac][next_16(place.bit)];
  if (code.length == 0) {
    place = {place.bit + 1, 0, 0};
    return;
  }
  const std::uint32_t run = code.symbol >> 4, size = code.symbol & 15;
  place.bit += code.length + (is_dc ? code.symbol & 15u : size);
  if (is_dc) {
    place.coefficient = 1;
  } else if (size == 0 && run != 15) {
    place.coefficient = 64;
  } else {
    place.coefficient += run + 1;
  }
  if (place.coefficient < 64) return;
  place.coefficient = 0;
  place.block = (place.block + 1) % static_cast<std::uint32_t>(blocks_.size());
}

}  // namespace tintype::bench
