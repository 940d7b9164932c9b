// ContractEncoder: files of one photo whose measured scores are what was asked for, in as few encodes as can be. One
// thread.
//
// What every encode shows of the photo (its score at a quality, a size, a format) tells core/quality/quality_forecast.h
// where the next search starts. While nothing is known of an encoder, the picture at half its sides is tried first,
// which costs a quarter of an encode; then whole encodes follow core/quality/quality_search.h. What is kept has been
// decoded and measured: the score is the file's own, against the picture as it was given, colour at full resolution.
// Measured as sRGB.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "codec/encode.h"
#include "codec/planes.h"
#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/quality/contract_result.h"
#include "core/quality/quality_forecast.h"

namespace tintype {

struct ScoreRequest {
  EncodeOptions options;  // but for the quality
  QualityTarget target;
  std::uint64_t max_bytes = 0;  // of the file; 0: any number
};

struct ScoredFile {
  Bytes bytes;
  EncodeOptions options;  // that it was made with
  ContractResult result;
};

class ContractEncoder {
 public:
  ContractEncoder();
  ~ContractEncoder();

  // Where the score at any quality has more than `max_bytes`, the highest quality that has not is kept
  // (kSourceSmaller), or the smallest file there is. Errors are those of encode() and decode().
  Result<ScoredFile> encode(std::shared_ptr<const Pixels> picture, const ScoreRequest& request, ByteView icc,
                            ByteView exif);

  // Both, and the one to keep: the rival where it saves at least a share of kLeastSaving of the first one's bytes, or
  // where it alone meets its score. The other's encodes count in the result's `share` and `seconds`.
  Result<ScoredFile> encode_best(std::shared_ptr<const Pixels> picture, const ScoreRequest& request,
                                 const EncodeOptions& rival, ByteView icc, ByteView exif);
  static constexpr double kLeastSaving = 0.10;

 private:
  class Trial;

  Result<Trial*> trial_of(std::shared_ptr<const Pixels> picture);
  Status try_half(const Pixels& picture, const ScoreRequest& request, ContractResult& result);

  QualityForecast forecast_;
  bool knows_[kQualityScales] = {};  // something of each QualityScale
  std::unique_ptr<Trial> trial_;     // of the picture that was encoded last
};

}  // namespace tintype
