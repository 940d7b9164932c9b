// TusUpload: what is kept of a resumable upload, beside its bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/job/job.h"

namespace tintype {

struct TusUpload {
  std::string owner;
  std::uint64_t length = 0;
  std::uint64_t offset = 0;  // that many bytes are durable
  UnixMs expires_at_ms = 0;
  std::string file_name;
  std::string content_type;
  std::string idempotency_key;  // what the photo is made under; never empty
  std::string sha256;           // of the whole, hex, if the client named it
  std::string recipe;
  JobClass job_class = JobClass::kUpload;
  std::string batch;
  std::string trace_id;
  std::optional<PhotoId> photo;  // once it is made

  bool operator==(const TusUpload&) const = default;
};

// The note's text. Parsing: kCorruptData.
std::string to_note(const TusUpload& upload);
Result<TusUpload> parse_note(std::string_view text);

}  // namespace tintype
