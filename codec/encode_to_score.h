// encode_to_score: a file whose measured score is what was asked for, in as few encodes as can be. One thread.
//
// A sample of the picture is tried first, which costs an eighth of an encode a try, and says where to start; then whole
// encodes follow core/quality/quality_search.h. What is kept has been decoded and measured: the score is the file's own.
#pragma once

#include <vector>

#include "codec/encode.h"
#include "codec/image.h"
#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/quality/quality_search.h"

namespace tintype {

struct ScoredFile {
  Bytes bytes;
  SearchOutcome outcome;
  std::vector<Probe> probes;         // of the whole picture, in order
  std::vector<Probe> sample_probes;  // of the sample
  double sample_share = 0;           // of the picture's pixels
  double seconds = 0;                // CPU of this thread: everything
  double encode_seconds = 0;         // of that, the encodes of the kept quality alone: what a fixed quality would cost

  // Encodes of whole pictures, samples counted by their share.
  double encodes() const;
};

// `options.quality` is not looked at. `image` is taken as sRGB. The metric has no opinion below 8 x 8 pixels: such a
// picture is encoded once, at the highest quality allowed, and its outcome is kOutOfProbes with a score of 0.
// Errors are those of encode() and decode().
Result<ScoredFile> encode_to_score(const Image& image, const EncodeOptions& options, const QualityTarget& target,
                                   ByteView icc, ByteView exif);

}  // namespace tintype
