// A VP8 key frame from what was decided: header, modes, partitions of tokens (RFC 6386, sections 9, 11 and 19).
#pragma once

#include <span>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "kernels/vp8/level_row.h"
#include "kernels/vp8/macroblock.h"
#include "kernels/vp8/picture.h"
#include "kernels/vp8/probabilities.h"
#include "kernels/vp8/put_tokens.h"
#include "kernels/vp8/segments.h"

namespace tintype::vp8 {

inline constexpr std::uint32_t kMostFirstPartitionBytes = (1u << 19) - 1;
inline constexpr std::uint32_t kMostPartitionBytes = (1u << 24) - 1;  // but for the last one

struct CodedFrame {
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;
  std::vector<MacroblockModes> modes;
  std::vector<LevelRow> levels;  // a row each
  bool with_skips = true;        // macroblocks without coefficients are marked
};

// kInternal: the first partition is too long, which the budget of modes must have prevented.
Result<Bytes> write_frame(const Picture& picture, const Settings& settings, const Segments& segments,
                          const Probabilities& probabilities, const CodedFrame& frame, PutTokens put_tokens);

}  // namespace tintype::vp8
