#include "kernels/simd/vp8_encoder.h"

#include "kernels/simd/vp8_macroblock.h"

namespace tintype::simd {

Result<Bytes> encode_vp8(const vp8::Picture& picture, const vp8::Settings& settings,
                         vp8::Reconstruction* reconstruction) {
  return vp8::encode_frame(picture, settings, {code_vp8_macroblock, vp8_activity, put_vp8_tokens}, reconstruction);
}

}  // namespace tintype::simd
