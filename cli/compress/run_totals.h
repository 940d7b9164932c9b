// RunTotals: what a run of `compress` came to, by format and by cause of failure. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/compress/photo_item.h"

namespace tintype {

struct FormatTotals {
  std::string format;           // "webp"
  std::uint64_t files = 0;      // variants
  std::uint64_t bytes_in = 0;   // of the photos that have such variants, each counted once
  std::uint64_t bytes_out = 0;  // of all these variants: the whole ladder
  double median_ms = 0;         // to encode one; sizes that come to the same picture count once
};

// Of variants whose recipe asked for a score.
struct ScoreTotals {
  std::uint64_t files = 0;
  std::uint64_t met = 0;
  double mean_score = 0;    // measured, of those that met it
  double mean_encodes = 0;  // that a file took
};

// Photos that failed alike: with messages that differ in numbers and in parentheses at most.
struct FailureGroup {
  ErrorCode code = ErrorCode::kInternal;
  std::uint64_t count = 0;
  std::string message;                   // of the first
  std::vector<std::string> first_names;  // up to 3 places
};

struct RunTotals {
  std::uint64_t photos = 0;
  std::uint64_t done = 0;  // those from before included
  std::uint64_t done_before = 0;
  std::uint64_t failed = 0;
  std::uint64_t failed_before = 0;
  std::uint64_t not_ended = 0;  // still to do
  std::uint64_t bytes_in = 0;   // of photos that are done
  std::uint64_t bytes_out = 0;
  std::vector<FormatTotals> formats;  // in the order of their names
  ScoreTotals scores;
  std::vector<FailureGroup> failures;  // most frequent first
};

RunTotals total_up(const std::vector<PhotoItem>& items);

}  // namespace tintype
