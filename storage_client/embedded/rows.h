// The values of the database. Each starts with a byte for its own version, so that a later one can be told apart.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/job/job_record.h"
#include "storage_client/blob_store.h"
#include "storage_client/embedded/keys.h"
#include "storage_client/photo_index.h"

namespace tintype::embedded {

// A light row and what the store itself must know to change a photo without reading its heavy row.
struct LightRecord {
  LightRow row;
  std::optional<UnixMs> incomplete_since_ms;
};

std::string encode(const LightRecord& record);
// Decoding answers nothing for bytes that encode() does not write. The photo's id is in the key.
std::optional<LightRecord> decode_light(PhotoId photo, std::string_view value);

// All of a heavy row but its manifest, which changes on its own and is its JSON.
std::string encode_heavy(const HeavyRow& row, std::string_view job_json);
std::optional<HeavyRow> decode_heavy(std::string_view value);

std::string encode_time(UnixMs ms);
std::optional<UnixMs> decode_time(std::string_view value);

std::string encode_id(SortableId id);
std::optional<SortableId> decode_id(std::string_view value);

struct PackedBlob {
  Extent extent;
  UnixMs written_at_ms = 0;
  std::uint64_t checksum = 0;  // XXH3, 64 bits, of the bytes

  BlobInfo info() const { return {extent.size, written_at_ms}; }
};

// An extent's row: where it starts is the key.
std::string encode(const Extent& extent);
std::optional<Extent> decode_extent(std::string_view key, std::string_view value);

std::string encode(const PackedBlob& blob);
std::optional<PackedBlob> decode_packed_blob(std::string_view value);

// What a list of jobs is filtered by.
struct JobSummary {
  JobState state = JobState::kQueued;
  JobClass job_class = JobClass::kUpload;
  std::string owner;
  std::string batch;
};

std::string encode_summary(const JobRecord& record);
std::optional<JobSummary> decode_summary(std::string_view value);

}  // namespace tintype::embedded
