#include "storage_client/embedded/rows.h"

#include "storage_client/embedded/byte_order.h"
#include "storage_client/page_cursor.h"

namespace tintype::embedded {
namespace {

constexpr std::uint8_t kVersion = 1;

constexpr std::uint8_t kHasFormat = 1;
constexpr std::uint8_t kComplete = 2;
constexpr std::uint8_t kFailed = 4;
constexpr std::uint8_t kIncompleteMark = 8;

std::string with_version(std::size_t expected_bytes) {
  std::string out;
  out.reserve(expected_bytes);
  append(out, kVersion);
  return out;
}

}  // namespace

std::string encode(const LightRecord& record) {
  const LightRow& row = record.row;
  std::uint8_t flags = 0;
  if (row.format) flags |= kHasFormat;
  if (row.complete) flags |= kComplete;
  if (row.failed) flags |= kFailed;
  if (record.incomplete_since_ms) flags |= kIncompleteMark;
  std::string out = with_version(80);
  append(out, flags);
  append(out, static_cast<std::uint8_t>(row.format.value_or(ImageFormat::kJpeg)));
  append(out, sortable_ms(row.taken_at_ms));
  append(out, row.width);
  append(out, row.height);
  append(out, row.bytes);
  append(out, row.revision);
  append(out, sortable_ms(record.incomplete_since_ms.value_or(0)));
  out += row.thumbhash;
  return out;
}

std::optional<LightRecord> decode_light(PhotoId photo, std::string_view value) {
  ByteReader in(value);
  const auto version = in.number<std::uint8_t>();
  const auto flags = in.number<std::uint8_t>();
  const auto format = in.number<std::uint8_t>();
  LightRecord record;
  LightRow& row = record.row;
  row.photo = photo;
  row.complete = (flags & kComplete) != 0;
  row.failed = (flags & kFailed) != 0;
  if ((flags & kHasFormat) != 0) row.format = static_cast<ImageFormat>(format);
  row.taken_at_ms = ms_from_sortable(in.number<std::uint64_t>());
  row.width = in.number<std::uint32_t>();
  row.height = in.number<std::uint32_t>();
  row.bytes = in.number<std::uint64_t>();
  row.revision = in.number<std::uint64_t>();
  const UnixMs since_ms = ms_from_sortable(in.number<std::uint64_t>());
  if ((flags & kIncompleteMark) != 0) record.incomplete_since_ms = since_ms;
  row.thumbhash = in.rest();
  if (!in.ok() || version != kVersion || format > static_cast<std::uint8_t>(ImageFormat::kGif)) return std::nullopt;
  return record;
}

std::string encode_heavy(const HeavyRow& row, std::string_view job_json) {
  std::string out = with_version(512 + row.exif_json.size() + job_json.size());
  for (std::string_view text : {std::string_view(row.file_name), std::string_view(row.content_type),
                                std::string_view(row.sha256), std::string_view(row.original_key),
                                std::string_view(row.idempotency_key), std::string_view(row.exif_json), job_json}) {
    append_text(out, text);
  }
  return out;
}

std::optional<HeavyRow> decode_heavy(std::string_view value) {
  ByteReader in(value);
  if (in.number<std::uint8_t>() != kVersion) return std::nullopt;
  HeavyRow row;
  row.file_name = in.text();
  row.content_type = in.text();
  row.sha256 = in.text();
  row.original_key = in.text();
  row.idempotency_key = in.text();
  row.exif_json = in.text();
  const std::string_view job_json = in.text();
  if (!in.ok_and_done()) return std::nullopt;
  auto job = parse_job(job_json);
  if (!job) return std::nullopt;
  row.job = *std::move(job);
  return row;
}

std::string encode_time(UnixMs ms) {
  std::string out;
  append(out, sortable_ms(ms));
  return out;
}

std::optional<UnixMs> decode_time(std::string_view value) {
  ByteReader in(value);
  const UnixMs ms = ms_from_sortable(in.number<std::uint64_t>());
  if (!in.ok_and_done()) return std::nullopt;
  return ms;
}

std::string encode_id(SortableId id) {
  std::string out;
  append(out, id.value);
  return out;
}

std::optional<SortableId> decode_id(std::string_view value) {
  ByteReader in(value);
  const SortableId id{in.number<std::uint64_t>()};
  if (!in.ok_and_done()) return std::nullopt;
  return id;
}

std::string encode(const Extent& extent) {
  std::string out;
  append(out, extent.size);
  return out;
}

std::optional<Extent> decode_extent(std::string_view key, std::string_view value) {
  ByteReader key_in(key.substr(1));
  ByteReader value_in(value);
  Extent extent;
  extent.pack = key_in.number<std::uint64_t>();
  extent.offset = key_in.number<std::uint64_t>();
  extent.size = value_in.number<std::uint64_t>();
  if (!key_in.ok_and_done() || !value_in.ok_and_done()) return std::nullopt;
  return extent;
}

std::string encode(const PackedBlob& blob) {
  std::string out = with_version(64);
  append(out, blob.extent.pack);
  append(out, blob.extent.offset);
  append(out, blob.extent.size);
  append(out, sortable_ms(blob.written_at_ms));
  append(out, blob.checksum);
  return out;
}

std::optional<PackedBlob> decode_packed_blob(std::string_view value) {
  ByteReader in(value);
  const auto version = in.number<std::uint8_t>();
  PackedBlob blob;
  blob.extent.pack = in.number<std::uint64_t>();
  blob.extent.offset = in.number<std::uint64_t>();
  blob.extent.size = in.number<std::uint64_t>();
  blob.written_at_ms = ms_from_sortable(in.number<std::uint64_t>());
  blob.checksum = in.number<std::uint64_t>();
  if (!in.ok_and_done() || version != kVersion) return std::nullopt;
  return blob;
}

std::string encode_summary(const JobRecord& record) {
  std::string out = with_version(160);
  append(out, static_cast<std::uint8_t>(record.state));
  append(out, static_cast<std::uint8_t>(record.job.job_class));
  append_text(out, record.job.requester());
  append_text(out, record.job.batch);
  return out;
}

std::optional<JobSummary> decode_summary(std::string_view value) {
  ByteReader in(value);
  const auto version = in.number<std::uint8_t>();
  const auto state = in.number<std::uint8_t>();
  const auto job_class = in.number<std::uint8_t>();
  JobSummary summary;
  summary.owner = in.text();
  summary.batch = in.text();
  if (!in.ok_and_done() || version != kVersion || state > static_cast<std::uint8_t>(JobState::kCancelled) ||
      job_class > static_cast<std::uint8_t>(JobClass::kBulk)) {
    return std::nullopt;
  }
  summary.state = static_cast<JobState>(state);
  summary.job_class = static_cast<JobClass>(job_class);
  return summary;
}

}  // namespace tintype::embedded
