#include "workers/device/cpu_answer.h"

#include <algorithm>
#include <utility>

#include "codec/jpeg/coefficient_ladder.h"
#include "codec/thumbhash.h"
#include "workers/device/engine_ladder.h"

namespace tintype {
namespace {

Planes copy_of(const Planes& planes) {
  Planes copy = Planes::allocate(planes.width(), planes.height(), planes.chroma());
  std::ranges::copy(planes.view(), copy.mutable_view().begin());
  return copy;
}

}  // namespace

Result<std::vector<EngineStepResult>> answer_on_cpu(const EngineTask& task) {
  TT_ASSIGN(const EngineLadder ladder, plan_engine_ladder(task));
  const std::vector<Planes> pictures =
      make_ladder(ladder.source.components, ladder.source.coefficients, ladder.orientation, ladder.sizes);
  std::vector<EngineStepResult> results(task.steps.size());
  for (std::size_t i = 0; i < task.steps.size(); ++i) {
    if (const auto* encode_step = std::get_if<EncodeStep>(&task.steps[i])) {
      const Planes& picture = pictures[ladder.picture_of_step[i]];
      const EmbeddedMetadata none;
      const EmbeddedMetadata& metadata = encode_step->metadata ? *encode_step->metadata : none;
      TT_ASSIGN(Bytes webp, encode(picture, options_of(*encode_step), metadata.icc, metadata.exif));
      std::string thumbhash;
      if (encode_step->wants_thumbhash) {
        TT_ASSIGN(thumbhash, thumbhash_of(to_rgb(picture)));
      }
      results[i].file = finished_file(*encode_step, std::move(webp), std::move(thumbhash));
    }
    if (std::ranges::contains(task.keep_pictures, i)) results[i].picture = copy_of(pictures[ladder.picture_of_step[i]]);
  }
  return results;
}

}  // namespace tintype
