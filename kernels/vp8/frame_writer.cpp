#include "kernels/vp8/frame_writer.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "kernels/vp8/modes.h"
#include "kernels/vp8/quality.h"

namespace tintype::vp8 {
namespace {

void write_segments(const Segments& segments, BoolWriter& out) {
  out.put(segments.count > 1, 128);
  if (segments.count == 1) return;
  out.put(true, 128);  // the map follows
  out.put(true, 128);  // quantisers and filter levels follow
  out.put(true, 128);  // as they are, not relative to the frame's
  for (int k = 0; k < 4; ++k) {
    const int value = segments.quantiser[std::min(k, segments.count - 1)];
    out.put(true, 128);
    out.put_bits(static_cast<std::uint32_t>(value), 7);
    out.put(false, 128);
  }
  for (int k = 0; k < 4; ++k) {
    const int value = segments.filter_level[std::min(k, segments.count - 1)];
    out.put(true, 128);
    out.put_bits(static_cast<std::uint32_t>(value), 6);
    out.put(false, 128);
  }
  for (const std::uint8_t prob : segments.tree_probs) {
    out.put(prob != 255, 128);
    if (prob != 255) out.put_bits(prob, 8);
  }
}

std::uint8_t full_probability(const CodedFrame& frame) {
  const auto full = static_cast<std::uint64_t>(
      std::ranges::count_if(frame.modes, [](const MacroblockModes& modes) { return !modes.is_empty; }));
  const std::uint64_t all = frame.modes.size();
  return static_cast<std::uint8_t>(std::clamp<std::uint64_t>((full * 256 + all / 2) / all, 1, 255));
}

void write_modes(const CodedFrame& frame, const Segments& segments, std::uint8_t full_prob, BoolWriter& out) {
  const auto put = [&](bool bit, std::uint32_t prob) { out.put(bit, prob); };
  for (std::size_t at = 0; at < frame.modes.size(); ++at) {
    const MacroblockModes& of = frame.modes[at];
    const std::size_t row = at / frame.columns, column = at % frame.columns;
    if (segments.count > 1) segments.write_number(of.segment, out);
    if (frame.with_skips) out.put(of.is_empty, full_prob);
    visit_luma_mode(of.luma, put);
    if (of.luma == kVp8SubBlocks) {
      const MacroblockModes* above = row ? &frame.modes[at - frame.columns] : nullptr;
      const MacroblockModes* left = column ? &frame.modes[at - 1] : nullptr;
      for (int block = 0; block < 16; ++block) {
        const int x = block & 3, y = block >> 2;
        const int above_mode = y ? of.sub[block - 4] : above ? above->sub[12 + x] : int{kVp8SubDc};
        const int left_mode = x ? of.sub[block - 1] : left ? left->sub[4 * y + 3] : int{kVp8SubDc};
        visit_sub_mode(of.sub[block], above_mode, left_mode, put);
      }
    }
    visit_chroma_mode(of.chroma, put);
  }
}

struct TokenPartitions {
  explicit TokenPartitions(std::size_t count) : writers(count) {}
  std::vector<BoolWriter> writers;
  std::vector<ByteView> bytes;

  bool fit() const {
    return std::ranges::all_of(bytes.begin(), bytes.end() - 1,
                               [](ByteView part) { return part.size() <= kMostPartitionBytes; });
  }
};

TokenPartitions write_tokens(const CodedFrame& frame, const Probabilities& probabilities, PutTokens put,
                             std::size_t count) {
  TokenPartitions partitions(count);
  std::uint8_t probs[kTokenProbs];
  std::memcpy(probs, probabilities.tokens, kFrameProbs);
  std::iota(probs + kFrameProbs, probs + kTokenProbs, std::uint8_t{0});
  std::vector<CodedBits> above(frame.columns);
  TokenList tokens[2];
  // Rows by twos where they go to two partitions.
  const std::size_t at_once = count > 1 ? 2 : 1;
  for (std::size_t row = 0; row < frame.rows; row += at_once) {
    TokenStream streams[2] = {};
    for (std::size_t k = 0; k < std::min<std::size_t>(at_once, frame.rows - row); ++k) {
      const auto modes = std::span(frame.modes).subspan((row + k) * frame.columns, frame.columns);
      const std::span<const Token> all = frame.levels[row + k].tokens(modes, frame.with_skips, above, tokens[k]);
      streams[k] = {&partitions.writers[(row + k) % count], all.data(), all.data() + all.size()};
    }
    put(streams[0], streams[1], probs);
  }
  for (BoolWriter& writer : partitions.writers) partitions.bytes.push_back(writer.finish());
  return partitions;
}

void put_little_endian(std::uint8_t* out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::size_t count_of(int partitions) { return static_cast<std::size_t>(std::clamp(partitions, 1, 8)); }

}  // namespace

Result<Bytes> write_frame(const Picture& picture, const Settings& settings, const Segments& segments,
                          const Probabilities& probabilities, const CodedFrame& frame, PutTokens put_tokens) {
  TokenPartitions tokens = write_tokens(frame, probabilities, put_tokens, count_of(settings.partitions));
  while (!tokens.fit()) tokens = write_tokens(frame, probabilities, put_tokens, tokens.writers.size() / 2);

  BoolWriter header;
  header.put(false, 128);  // YUV as everybody's
  header.put(false, 128);  // the decoder clamps
  write_segments(segments, header);
  header.put(settings.simple_filter, 128);
  // 0 would switch the filter off for every segment.
  const int most_filter = *std::max_element(segments.filter_level, segments.filter_level + segments.count);
  header.put_bits(static_cast<std::uint32_t>(most_filter), 6);
  header.put_bits(static_cast<std::uint32_t>(settings.filter_sharpness), 3);
  header.put(false, 128);  // no changes of the filter by mode
  header.put_bits(static_cast<std::uint32_t>(std::countr_zero(tokens.writers.size())), 2);
  header.put_bits(static_cast<std::uint32_t>(segments.quantiser[0]), 7);
  for (const int delta : kIndexDeltas) header.put_optional_signed(delta, 4);
  header.put(true, 128);  // probabilities are kept; there is no frame after this one
  probabilities.write_updates(header);
  header.put(frame.with_skips, 128);
  const std::uint8_t full_prob = full_probability(frame);
  if (frame.with_skips) header.put_bits(full_prob, 8);
  write_modes(frame, segments, full_prob, header);
  const ByteView first = header.finish();
  if (first.size() > kMostFirstPartitionBytes) {
    return fail(ErrorCode::kInternal, "the modes of a VP8 frame took more than the 512 KiB they were budgeted");
  }

  constexpr std::size_t kStartBytes = 10;
  const std::size_t sizes_bytes = 3 * (tokens.bytes.size() - 1);
  std::size_t all = kStartBytes + first.size() + sizes_bytes;
  for (const ByteView part : tokens.bytes) all += part.size();
  Bytes out(all);
  std::uint8_t* at = out.data();
  const std::uint32_t profile = settings.simple_filter ? 1 : 0;
  put_little_endian(at, static_cast<std::uint32_t>(first.size()) << 5 | 1u << 4 | profile << 1, 3);
  put_little_endian(at + 3, 0x2A019D, 3);
  put_little_endian(at + 6, picture.width, 2);
  put_little_endian(at + 8, picture.height, 2);
  at = std::ranges::copy(first, at + kStartBytes).out;
  for (std::size_t k = 0; k + 1 < tokens.bytes.size(); ++k, at += 3) {
    put_little_endian(at, static_cast<std::uint32_t>(tokens.bytes[k].size()), 3);
  }
  for (const ByteView part : tokens.bytes) at = std::ranges::copy(part, at).out;
  return out;
}

}  // namespace tintype::vp8
