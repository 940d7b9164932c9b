#include "kernels/reference/vp8_encoder.h"

#include "kernels/reference/vp8_macroblock.h"
#include "kernels/vp8/segments.h"

namespace tintype::reference {

Result<Bytes> encode_vp8(const vp8::Picture& picture, const vp8::Settings& settings,
                         vp8::Reconstruction* reconstruction) {
  return vp8::encode_frame(picture, settings, {code_vp8_macroblock, vp8::activity_of, vp8::put_tokens}, reconstruction);
}

}  // namespace tintype::reference
