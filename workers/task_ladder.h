// TaskLadder: what a task makes of one picture: its own use, and the sizes that resize steps make of it, directly or of
// each other. Whoever makes all of them at once decodes once and reduces each only once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/ladder.h"
#include "workers/task.h"

namespace tintype {

struct TaskLadder {
  struct Rung {
    PictureSize size;
    std::vector<std::size_t> steps;  // resize steps whose picture it is
  };
  bool keeps_own = false;   // an encode reads it, or it is kept
  std::vector<Rung> rungs;  // each size once, in the order of their first steps: largest first in a plan's tasks
};

// Of the picture that step `picture` of a task makes, or of one handed in.
TaskLadder ladder_of(std::span<const Step> steps, std::span<const std::uint32_t> keep_pictures, PictureRef picture);

inline Chroma chroma_of(bool is_full) { return is_full ? Chroma::kFull : Chroma::kHalf; }

}  // namespace tintype
