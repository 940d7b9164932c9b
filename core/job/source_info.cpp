#include "core/job/source_info.h"

#include <format>

namespace tintype {
namespace {

struct FormatFacts {
  ImageFormat format;
  std::string_view name;
  std::string_view extension;
  std::string_view mime;
};

constexpr FormatFacts kFormats[] = {
    {ImageFormat::kJpeg, "jpeg", "jpg", "image/jpeg"},  {ImageFormat::kPng, "png", "png", "image/png"},
    {ImageFormat::kWebp, "webp", "webp", "image/webp"}, {ImageFormat::kAvif, "avif", "avif", "image/avif"},
    {ImageFormat::kGif, "gif", "gif", "image/gif"},
};

const FormatFacts& facts_of(ImageFormat format) { return kFormats[static_cast<std::size_t>(format)]; }

consteval bool table_follows_the_enum() {
  for (std::size_t i = 0; i < std::size(kFormats); ++i) {
    if (static_cast<std::size_t>(kFormats[i].format) != i) return false;
  }
  return true;
}
static_assert(table_follows_the_enum());

}  // namespace

std::string_view format_name(ImageFormat format) { return facts_of(format).name; }
std::string_view format_extension(ImageFormat format) { return facts_of(format).extension; }
std::string_view format_mime(ImageFormat format) { return facts_of(format).mime; }

Result<ImageFormat> parse_format(std::string_view name) {
  for (const FormatFacts& facts : kFormats) {
    if (facts.name == name) return facts.format;
  }
  return fail(ErrorCode::kInvalidArgument,
              std::format("\"{}\" is no format; it is one of jpeg, png, webp, avif, gif", name.substr(0, 64)));
}

}  // namespace tintype
