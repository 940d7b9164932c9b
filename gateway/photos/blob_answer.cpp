#include "gateway/photos/blob_answer.h"

#include <format>

#include "gateway/http/conditions.h"
#include "gateway/problem.h"

namespace tintype {
namespace {

class BlobSource final : public http::BodySource {
 public:
  BlobSource(std::unique_ptr<BlobReader> reader, BlobKey key, Logger& log)
      : reader_(std::move(reader)), key_(std::move(key)), log_(log) {}

  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    auto size = reader_->read(offset, out);
    if (!size || *size == 0) {
      log_.error("blob_read_failed", {{"blob", key_.to_string()},
                                      {"offset", offset},
                                      {"error", size ? "it ends early" : size.error().to_string()}});
    }
    return size;
  }

 private:
  std::unique_ptr<BlobReader> reader_;
  BlobKey key_;
  Logger& log_;
};

// RFC 8187: what is no letter or digit is escaped, so that no file name can end the header or the parameter.
std::string content_disposition(std::string_view file_name) {
  std::string out = "inline; filename*=UTF-8''";
  for (const char c : file_name) {
    const bool plain =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_';
    if (plain) {
      out.push_back(c);
    } else {
      std::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Result<http::Body> read_body(const Call& call, const ServedBlob& blob, std::unique_ptr<BlobReader> reader,
                             std::uint64_t offset, std::uint64_t length) {
  // HEAD promises the length and sends nothing: nothing is read.
  if (length > call.api.config.large_body_bytes || call.request.method == "HEAD") {
    return http::StreamedBody{std::make_unique<BlobSource>(std::move(reader), blob.key, call.api.services.log), offset,
                              length};
  }
  if (auto whole = reader->whole(); whole && length == whole->size()) return whole;
  Bytes bytes(static_cast<std::size_t>(length));
  for (std::size_t have = 0; have < bytes.size();) {
    TT_ASSIGN(const std::size_t size, reader->read(offset + have, bytes.mutable_view().subspan(have)));
    if (size == 0) return fail(ErrorCode::kCorruptData, std::format("the blob {} ends early", blob.key.to_string()));
    have += size;
  }
  return bytes;
}

}  // namespace

Result<http::Begun> answer_blob(const Call& call, const ServedBlob& blob) {
  const std::string etag = std::format("\"{}\"", blob.sha256);
  http::Response response;
  response.set("ETag", etag);
  response.set("Cache-Control", std::string(blob.cache_control));
  if (!blob.vary.empty()) response.set("Vary", std::string(blob.vary));
  if (const std::string* known = call.request.find_header("If-None-Match");
      known && http::matches_any_etag(*known, etag)) {
    response.status = 304;
    return response;
  }

  auto reader = call.api.services.blobs.open(blob.key);
  if (!reader) return fail(reader.error());
  const std::uint64_t size = (*reader)->size();
  const std::string* if_range = call.request.find_header("If-Range");
  // RFC 9110, 14.2: ranges are GET's alone.
  const std::string* range_header = call.request.method == "GET" ? call.request.find_header("Range") : nullptr;
  http::RangeAnswer range;
  if (range_header && (!if_range || http::if_range_holds(*if_range, etag)))
    range = http::parse_range(*range_header, size);

  response.set("Accept-Ranges", "bytes");
  switch (range.kind) {
    case http::RangeKind::kUnsatisfiable: {
      http::Response problem = problem_response(
          Problem{{ErrorCode::kInvalidArgument, std::format("the range lies outside the {} bytes there are", size)},
                  416,
                  {},
                  {}});
      problem.set("Content-Range", std::format("bytes */{}", size));
      return problem;
    }
    case http::RangeKind::kPart:
      response.status = 206;
      response.set("Content-Range", std::format("bytes {}-{}/{}", range.offset, range.offset + range.length - 1, size));
      break;
    case http::RangeKind::kWhole:
      range.length = size;
      break;
  }
  response.set("Content-Type", std::string(blob.content_type));
  if (!blob.file_name.empty()) response.set("Content-Disposition", content_disposition(blob.file_name));
  TT_ASSIGN(response.body, read_body(call, blob, std::move(*reader), range.offset, range.length));
  return response;
}

}  // namespace tintype
