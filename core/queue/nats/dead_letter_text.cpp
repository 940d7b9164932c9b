#include "core/queue/nats/dead_letter_text.h"

#include <algorithm>

#include "core/job/json_fields.h"

namespace tintype {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::size_t kMaxHeadBytes = 64 * 1024;
constexpr std::size_t kMaxReasonBytes = 4 * 1024;
constexpr ErrorCode kBadLetter = ErrorCode::kCorruptData;

Status read_head(std::string_view line, DeadLetter& letter) {
  TT_ASSIGN(const Json head, parse_json_object(line, "dead letter", kMaxHeadBytes, kBadLetter));
  TT_TRY(check_schema(head, "dead letter", kSchemaVersion, kBadLetter));
  FieldReader fields(head, "dead letter", kBadLetter);
  fields.read_time("died_at_ms", letter.died_at_ms);
  fields.read("deliveries", letter.deliveries);
  fields.read("reason", letter.reason);
  return fields.status();
}

}  // namespace

std::string write_dead_letter(std::string_view raw_job, const Error& reason, std::uint32_t deliveries,
                              UnixMs died_at_ms) {
  const Error short_reason{reason.code, reason.message.substr(0, kMaxReasonBytes)};
  // dump_json escapes line ends, so the first one is ours.
  std::string text = dump_json({
      {"schema", kSchemaVersion},
      {"died_at_ms", died_at_ms},
      {"deliveries", deliveries},
      {"reason", error_to_json(short_reason)},
  });
  text += '\n';
  text += raw_job;
  return text;
}

DeadLetter read_dead_letter_text(std::uint64_t sequence, std::string_view text) {
  DeadLetter letter;
  letter.sequence = sequence;
  const std::size_t line_end = std::min(text.find('\n'), text.size());
  if (const Status head = read_head(text.substr(0, line_end), letter); !head) {
    letter.raw = text;
    letter.reason = head.error();
    letter.job = fail(head.error());
    return letter;
  }
  letter.raw = text.substr(std::min(line_end + 1, text.size()));
  letter.job = parse_job(letter.raw);
  return letter;
}

}  // namespace tintype
