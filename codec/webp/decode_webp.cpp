#include "codec/webp/decode_webp.h"

#include <webp/decode.h>
#include <webp/demux.h>

#include <cstring>
#include <memory>
#include <utility>

#include "codec/colour/profile.h"
#include "codec/damage.h"
#include "codec/exif_orientation.h"
#include "codec/orient.h"

namespace tintype {
namespace {

struct DemuxerDeleter {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};
struct IncrementalDecoderDeleter {
  void operator()(WebPIDecoder* decoder) const { WebPIDelete(decoder); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, DemuxerDeleter>;
using IncrementalDecoder = std::unique_ptr<WebPIDecoder, IncrementalDecoderDeleter>;

// The part of the canvas that a frame covers, as the decoder's output.
struct Target {
  std::uint8_t* pixels;
  std::size_t stride_bytes;
  std::size_t bytes;
  bool has_alpha;
};

Error error_of(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return {ErrorCode::kOutOfMemory, "not enough memory to decode the WebP"};
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      return truncated_error("WebP", "");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return {ErrorCode::kUnsupportedImage, "the WebP uses a feature that is not taken; save it as an ordinary WebP"};
    default:
      return corrupt_error("WebP", "");
  }
}

// Decodes one still picture (a whole file or a frame's part of one). `rows_decoded` counts also on failure,
// when `keep` asks for what there is.
Status decode_still(ByteView data, const Target& target, bool keep, std::uint32_t height, std::uint32_t& rows_decoded) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) return fail(ErrorCode::kInternal, "libwebp is not the version built against");
  config.output.colorspace = target.has_alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {target.pixels, static_cast<int>(target.stride_bytes), target.bytes};
  rows_decoded = 0;
  const VP8StatusCode status = WebPDecode(data.data(), data.size(), &config);
  if (status == VP8_STATUS_OK) {
    rows_decoded = height;
    return {};
  }
  if (keep && status != VP8_STATUS_OUT_OF_MEMORY) {
    const IncrementalDecoder decoder(WebPIDecode(nullptr, 0, &config));
    if (decoder) {
      WebPIUpdate(decoder.get(), data.data(), data.size());
      int last_row = 0;
      if (WebPIDecGetRGB(decoder.get(), &last_row, nullptr, nullptr, nullptr) && last_row > 0)
        rows_decoded = static_cast<std::uint32_t>(last_row);
    }
  }
  return fail(error_of(status));
}

// A chunk's bytes; empty when there is none.
ByteView find_chunk(const WebPDemuxer* demuxer, const char* name) {
  WebPChunkIterator chunk;
  ByteView bytes;
  if (WebPDemuxGetChunk(demuxer, name, 1, &chunk)) bytes = {chunk.chunk.bytes, chunk.chunk.size};
  WebPDemuxReleaseChunkIterator(&chunk);
  return bytes;
}

struct Frame {
  ByteView data;
  std::uint32_t left = 0, top = 0, width = 0, height = 0;
  bool has_alpha = false;
};

Result<Frame> first_frame(const WebPDemuxer* demuxer, const SourceInfo& info) {
  WebPIterator iterator;
  if (!WebPDemuxGetFrame(demuxer, 1, &iterator)) return fail(truncated_error("WebP", "no frame is whole"));
  Frame frame;
  frame.data = {iterator.fragment.bytes, iterator.fragment.size};
  frame.left = static_cast<std::uint32_t>(iterator.x_offset);
  frame.top = static_cast<std::uint32_t>(iterator.y_offset);
  WebPDemuxReleaseIterator(&iterator);
  WebPBitstreamFeatures features;
  if (const VP8StatusCode status = WebPGetFeatures(frame.data.data(), frame.data.size(), &features);
      status != VP8_STATUS_OK)
    return fail(error_of(status));
  frame.width = static_cast<std::uint32_t>(features.width);
  frame.height = static_cast<std::uint32_t>(features.height);
  frame.has_alpha = features.has_alpha != 0;
  const bool fits = frame.width <= info.width && frame.left <= info.width - frame.width &&
                    frame.height <= info.height && frame.top <= info.height - frame.height;
  if (!fits) return fail(disagreement_error("WebP"));
  return frame;
}

}  // namespace

Result<Decoded> decode_webp(ByteView file, const SourceInfo& info, const DecodeOptions& options) {
  const WebPData data{file.data(), file.size()};
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  const Demuxer demuxer(WebPDemuxPartial(&data, &state));
  if (!demuxer || state == WEBP_DEMUX_PARSE_ERROR) return fail(corrupt_error("WebP", "its chunks do not fit"));
  const bool is_cut = state != WEBP_DEMUX_DONE;
  const bool keep = options.damaged == DamagedPolicy::kKeep;
  if (is_cut && !keep) return fail(truncated_error("WebP", ""));
  if (WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH) != info.width ||
      WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT) != info.height)
    return fail(disagreement_error("WebP"));
  TT_ASSIGN(const Frame frame, first_frame(demuxer.get(), info));

  Decoded decoded;
  const bool covers = frame.width == info.width && frame.height == info.height;
  Image canvas = Image::allocate(info.width, info.height, frame.has_alpha || !covers ? 4 : 3);
  if (!covers) std::memset(canvas.pixels.data(), 0, canvas.pixels.size());
  Target target{canvas.row(frame.top) + std::size_t{frame.left} * canvas.channels, canvas.stride_bytes, 0,
                canvas.channels == 4};
  target.bytes = canvas.stride_bytes * (frame.height - 1) + std::size_t{frame.width} * canvas.channels;
  std::uint32_t rows = 0;
  if (const Status read = decode_still(frame.data, target, keep, frame.height, rows); !read) {
    TT_TRY(tolerate(read.error(), rows, options.damaged, decoded));
    if (covers) fill_missing_rows(canvas, rows);
  } else if (is_cut) {
    TT_TRY(tolerate(truncated_error("WebP", "what follows the first picture is cut"), rows, options.damaged, decoded));
  }
  decoded.image = make_upright(std::move(canvas), info.orientation);

  std::uint8_t exif_orientation = 1;
  read_exif(without_exif_prefix(find_chunk(demuxer.get(), "EXIF")), decoded.metadata, exif_orientation);
  adopt_profile(Bytes::copy_of(find_chunk(demuxer.get(), "ICCP")), PixelOrigin::kRgb, options.to_srgb, decoded);
  return decoded;
}

}  // namespace tintype
