// StepPictures: a task's pictures by reference, each freed after its last use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "codec/planes.h"
#include "core/base/result.h"
#include "workers/picture.h"
#include "workers/task.h"
#include "workers/wire/worker_session.h"

namespace tintype {

PixelLayout layout_of(const Pixels& pixels);
PictureShape shape_of(const Pixels& pixels);

class StepPictures {
 public:
  // `task` must outlive it.
  explicit StepPictures(const WorkerTask& task);

  void put(std::size_t step, std::shared_ptr<const Pixels> image);
  Result<std::shared_ptr<const Pixels>> take(PictureRef ref);
  // One use less, without the picture.
  void pass_over(PictureRef ref);

 private:
  Result<std::shared_ptr<const Pixels>> given(std::uint32_t index);

  const WorkerTask& task_;
  std::vector<std::shared_ptr<const Pixels>> made_;
  std::vector<int> made_uses_;
  std::vector<std::shared_ptr<const Pixels>> given_;
};

}  // namespace tintype
