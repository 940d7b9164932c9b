#include "workers/task_ladder.h"

#include <algorithm>

namespace tintype {

TaskLadder ladder_of(std::span<const Step> steps, std::span<const std::uint32_t> keep_pictures, PictureRef picture) {
  TaskLadder ladder;
  const bool is_made = picture.from == PictureRef::From::kStep;
  ladder.keeps_own = is_made && std::ranges::contains(keep_pictures, picture.index);
  std::vector<bool> comes_of_it(steps.size());
  for (std::size_t i = is_made ? picture.index + 1 : 0; i < steps.size(); ++i) {
    const PictureRef* ref = input_of(steps[i]);
    if (!ref) continue;
    const bool reads_it = *ref == picture;
    const bool reads_reduced = ref->from == PictureRef::From::kStep && ref->index < i && comes_of_it[ref->index];
    if (!reads_it && !reads_reduced) continue;
    const auto* resize = std::get_if<ResizeStep>(&steps[i]);
    if (!resize) {
      ladder.keeps_own |= reads_it;
      continue;
    }
    comes_of_it[i] = true;
    const PictureSize size{resize->width, resize->height, chroma_of(resize->full_chroma)};
    auto known = std::ranges::find(ladder.rungs, size, &TaskLadder::Rung::size);
    if (known == ladder.rungs.end()) known = ladder.rungs.insert(ladder.rungs.end(), {size, {}});
    known->steps.push_back(i);
  }
  return ladder;
}

}  // namespace tintype
