// probe: what the header says, read without decoding or allocating by what the file claims.
//
// By content, never by name. Pure, bounded time (the file is scanned at most once), safe on any bytes: it is
// the parser that the farm's own processes may run on outside bytes (fuzzed).
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/job/source_info.h"

namespace tintype {

// kEmptyFile, kNotAnImage, kUnsupportedImage, kTruncatedImage (the header itself is cut), kCorruptImage.
// JPEG: SOF dimensions, components, precision, progressive, EXIF orientation; refuses arithmetic, lossless
// and hierarchical coding and 12 bit. PNG: IHDR, eXIf, acTL. WebP: VP8/VP8L/VP8X, ANMF count. GIF: screen and
// frames, counted by walking blocks. AVIF: ispe of the primary item, irot/imir as orientation, pixi, auxC.
Result<SourceInfo> probe(ByteView file);

// True if the first bytes look like any file that probe() knows how to name; needs 16 bytes. For a client
// that walks a folder.
bool looks_like_picture(ByteView first_bytes);

}  // namespace tintype
