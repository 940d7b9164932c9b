#include "codec/gif/probe_gif.h"

#include "codec/cursor.h"
#include "codec/gif/gif_blocks.h"

namespace tintype {

bool is_gif(ByteView first_bytes) { return starts_with(first_bytes, "GIF87a") || starts_with(first_bytes, "GIF89a"); }

Result<SourceInfo> probe_gif(ByteView file) {
  const GifBlocks blocks = walk_gif(file);
  const bool ends_early = blocks.end == GifBlocks::End::kCut || blocks.end == GifBlocks::End::kNoTrailer;
  if (blocks.frames == 0 && ends_early)
    return fail(ErrorCode::kTruncatedImage, "the GIF ends before its first picture; copy it again from its source");
  if (blocks.frames == 0)
    return fail(ErrorCode::kCorruptImage, "the GIF has no picture in it; copy it again from its source");
  if (blocks.width == 0 || blocks.height == 0)
    return fail(ErrorCode::kCorruptImage, "the GIF's header says that a side is zero; copy it again from its source");
  SourceInfo info;
  info.format = ImageFormat::kGif;
  info.width = blocks.width;
  info.height = blocks.height;
  info.frames = blocks.frames;
  info.has_alpha = !blocks.first_is_opaque;
  return info;
}

}  // namespace tintype
