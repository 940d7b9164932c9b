#include "codec/probe.h"

#include <algorithm>

#include "codec/avif/probe_avif.h"
#include "codec/gif/probe_gif.h"
#include "codec/jpeg/probe_jpeg.h"
#include "codec/other_files.h"
#include "codec/png/probe_png.h"
#include "codec/webp/probe_webp.h"

namespace tintype {
namespace {

struct FormatProbe {
  bool (*matches)(ByteView first_bytes);
  Result<SourceInfo> (*probe)(ByteView file);
};

// Asked in this order; the signatures exclude each other.
constexpr FormatProbe kFormats[] = {
    {is_jpeg, probe_jpeg}, {is_png, probe_png}, {is_webp, probe_webp}, {is_avif, probe_avif}, {is_gif, probe_gif},
};

const FormatProbe* find_format(ByteView bytes) {
  const auto* format = std::ranges::find_if(kFormats, [&](const FormatProbe& f) { return f.matches(bytes); });
  return format == std::end(kFormats) ? nullptr : format;
}

}  // namespace

Result<SourceInfo> probe(ByteView file) {
  if (file.empty()) return fail(ErrorCode::kEmptyFile, "the file has no bytes; copy it again from its source");
  const FormatProbe* format = find_format(file);
  if (!format) return fail(describe_other_file(file));
  TT_ASSIGN(SourceInfo info, format->probe(file));
  info.bytes = file.size();
  return info;
}

bool looks_like_picture(ByteView first_bytes) {
  return find_format(first_bytes) != nullptr || is_other_picture(first_bytes);
}

}  // namespace tintype
