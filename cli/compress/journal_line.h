// One line of the journal, as JSON. Private to cli/compress.
//
// A path that is not UTF-8 cannot be JSON text: it is written in hex, beside a readable form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/compress/journal.h"
#include "cli/http/farm_json.h"

namespace tintype {

struct JournalLine {
  enum class Event { kBatch, kSubmitted, kDone, kFailed, kRemoved };

  Event event = Event::kBatch;
  std::string batch;
  std::string key;
  std::string path;
  std::string place;
  std::uint64_t bytes = 0;
  std::string photo_id;
  std::string job_id;
  bool keep = false;
  std::optional<DoneFacts> done;
  std::optional<Error> failure;
};

JournalLine line_for(JournalLine::Event event, const std::string& key, const SourceFile& source);

// Of a variant, as the farm and the journal write it; none where no score was asked for.
std::optional<ScoreFacts> score_facts_of(const Json& variant);

// Without a newline.
std::string to_text(const JournalLine& line);
std::string line_of_batch(const std::string& batch);

// None if it is torn, or not one of ours.
std::optional<JournalLine> parse_journal_line(std::string_view text);

}  // namespace tintype
