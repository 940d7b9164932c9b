// PhotoItem: one photo of a run of `compress`, and what became of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/compress/folder_walk.h"
#include "cli/compress/journal.h"
#include "core/base/error.h"

namespace tintype {

enum class PhotoState : std::uint8_t { kToDo, kDone, kFailed };

struct PhotoItem {
  SourceFile source;
  std::string key;  // source_key(); empty for a file that could not even be looked at
  PhotoState state = PhotoState::kToDo;
  bool from_before = false;  // an earlier run ended it
  std::optional<DoneFacts> done;
  std::optional<Error> failure;
};

// Bytes of all variants.
inline std::uint64_t bytes_out(const DoneFacts& facts) {
  std::uint64_t sum = 0;
  for (const VariantFacts& variant : facts.variants) sum += variant.bytes;
  return sum;
}

}  // namespace tintype
