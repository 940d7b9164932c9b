// A JPEG's coefficients as a picture in shared memory: a header of kCoefficientsHeaderBytes, then each component's
// blocks, as codec/jpeg/jpeg_coefficients.h has them.
//
// Who wrote it parsed bytes from outside. Whoever reads it reads it sealed and believes nothing: what passes has sizes
// that fit each other and the memory; coefficients and quantisers may still be any numbers, and kernels take any.
#pragma once

#include <vector>

#include "codec/jpeg/jpeg_coefficients.h"
#include "core/base/bytes.h"
#include "core/base/result.h"
#include "workers/picture.h"

namespace tintype {

struct CoefficientPicture {
  std::vector<JpegComponent> components;
  ByteView coefficients;  // in the memory that was read
};

// To a memory of at least shape.bytes() bytes.
Status write_coefficients(const JpegCoefficients& jpeg, int fd);

// The components of a picture of that shape from its memory's first kCoefficientsHeaderBytes. kCorruptData: no JPEG of
// that size has them.
Result<std::vector<JpegComponent>> read_coefficient_header(ByteView header, const PictureShape& shape);

// All of it. `memory` has shape.bytes() bytes and outlives what is returned.
Result<CoefficientPicture> read_coefficients(ByteView memory, const PictureShape& shape);

}  // namespace tintype
