#include "codec/damage.h"

#include <cstring>

namespace tintype {
namespace {

std::string with_detail(std::string sentence, std::string_view detail) {
  if (!detail.empty()) sentence += " (" + std::string(detail) + ")";
  return sentence + "; copy it again from its source, or use a recipe with damaged = \"keep\"";
}

}  // namespace

Error truncated_error(std::string_view format, std::string_view detail) {
  return {ErrorCode::kTruncatedImage,
          with_detail("the " + std::string(format) + "'s data end before the picture does", detail)};
}

Error corrupt_error(std::string_view format, std::string_view detail) {
  return {ErrorCode::kCorruptImage, with_detail("the " + std::string(format) + "'s data are damaged", detail)};
}

Error disagreement_error(std::string_view format) {
  return {ErrorCode::kCorruptImage,
          "the " + std::string(format) + "'s parts disagree about its size; copy it again from its source"};
}

Status tolerate(Error error, std::uint32_t rows_decoded, DamagedPolicy policy, Decoded& decoded) {
  const bool is_damage = error.code == ErrorCode::kTruncatedImage || error.code == ErrorCode::kCorruptImage;
  if (!is_damage || policy == DamagedPolicy::kRefuse || rows_decoded == 0) return fail(std::move(error));
  // The remedies in an error's second half are for those who were refused.
  decoded.warnings.push_back("kept as it is: " + error.message.substr(0, error.message.find(';')));
  return {};
}

void fill_missing_rows(Image& image, std::uint32_t first) {
  for (std::uint32_t y = first; y < image.height; ++y) {
    std::uint8_t* row = image.row(y);
    std::memset(row, 0x80, image.stride_bytes);
    if (image.channels == 4)
      for (std::uint32_t x = 0; x < image.width; ++x) row[4 * x + 3] = 0xFF;
  }
}

}  // namespace tintype
