#include "cli/compress/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <format>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/compress/journal_line.h"
#include "cli/files.h"
#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/ids.h"

namespace tintype {
namespace {

std::string short_hash(std::string_view text) { return to_hex(sha256(as_bytes(text))).substr(0, 32); }

}  // namespace

std::string source_key(const SourceFile& source, std::string_view recipe_version) {
  return short_hash(std::format("{}\n{}\n{}\n{}", source.bytes, source.mtime_ns, recipe_version, source.path));
}

Result<Journal> Journal::open(const std::string& file) {
  UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!fd) return fail(error_from_errno(errno, "opening the journal " + file));
  TT_ASSIGN(const std::string text, read_text_file(file));
  Journal journal(std::move(fd));
  journal.file_ = file;
  journal.load(text);
  journal.is_torn_ = !text.empty() && !text.ends_with('\n');
  if (journal.batch_.empty()) {
    journal.batch_ = "compress-" + SortableId::make(SystemClock().now_ms()).to_string();
    TT_TRY(journal.append(line_of_batch(journal.batch_)));
  }
  return journal;
}

void Journal::load(std::string_view text) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::optional<JournalLine> line = parse_journal_line(text.substr(begin, end - begin));
    begin = end + 1;
    if (!line) continue;
    switch (line->event) {
      case JournalLine::Event::kBatch:
        batch_ = line->batch;
        break;
      case JournalLine::Event::kSubmitted: {
        JournalEntry& entry = entry_for(line->key, line->path, line->place);
        entry.bytes = line->bytes;
        entry.photo_id = line->photo_id;
        entry.job_id = line->job_id;
        entry.done.reset();
        entry.failure.reset();
        break;
      }
      case JournalLine::Event::kDone: {
        JournalEntry& entry = entry_for(line->key, line->path, line->place);
        entry.bytes = line->bytes;
        entry.done = line->done;
        entry.failure.reset();
        entry.keep = line->keep;
        if (!line->keep) ++entry.generation;
        break;
      }
      case JournalLine::Event::kFailed: {
        JournalEntry& entry = entry_for(line->key, line->path, line->place);
        entry.bytes = line->bytes;
        entry.done.reset();
        entry.failure = line->failure;
        entry.keep = false;
        ++entry.generation;
        break;
      }
      case JournalLine::Event::kRemoved:
        if (const auto found = entries_.find(line->key); found != entries_.end()) {
          JournalEntry& entry = found->second;
          if (!entry.done && !entry.failure) ++entry.generation;
          entry.photo_id.clear();
          entry.job_id.clear();
        }
        break;
    }
  }
}

JournalEntry& Journal::entry_for(const std::string& key, const std::string& path, const std::string& place) {
  JournalEntry& entry = entries_[key];
  entry.key = key;
  entry.path = path;
  entry.place = place;
  latest_key_[path] = key;
  owner_of_place_[place] = path;
  return entry;
}

std::string Journal::idempotency_key(const std::string& key) const {
  const JournalEntry* entry = find(key);
  return short_hash(std::format("{}\n{}\n{}", batch_, key, entry == nullptr ? 0 : entry->generation));
}

const JournalEntry* Journal::find(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

std::vector<const JournalEntry*> Journal::in_farm() const {
  std::vector<const JournalEntry*> all;
  for (const auto& [key, entry] : entries_) {
    if (!entry.photo_id.empty()) all.push_back(&entry);
  }
  return all;
}

std::vector<const JournalEntry*> Journal::latest() const {
  std::vector<const JournalEntry*> all;
  for (const auto& [path, key] : latest_key_) {
    const JournalEntry& entry = entries_.at(key);
    if (owner_of(entry.place) == path) all.push_back(&entry);
  }
  std::ranges::sort(all, {}, &JournalEntry::place);
  return all;
}

std::string Journal::place_of(const std::string& path) const {
  const auto found = latest_key_.find(path);
  if (found == latest_key_.end()) return "";
  const std::string& place = entries_.at(found->second).place;
  return owner_of(place) == path ? place : "";
}

std::string Journal::owner_of(const std::string& place) const {
  const auto found = owner_of_place_.find(place);
  return found == owner_of_place_.end() ? "" : found->second;
}

// What is remembered is what a reader of the file would: each event is the line it leaves.
Status Journal::submitted(const std::string& key, const SourceFile& source, std::string photo_id, std::string job_id) {
  JournalLine line = line_for(JournalLine::Event::kSubmitted, key, source);
  line.photo_id = std::move(photo_id);
  line.job_id = std::move(job_id);
  return append(to_text(line));
}

Status Journal::done(const std::string& key, const SourceFile& source, DoneFacts facts, bool keep) {
  JournalLine line = line_for(JournalLine::Event::kDone, key, source);
  line.done = std::move(facts);
  line.keep = keep;
  return append(to_text(line));
}

Status Journal::failed(const std::string& key, const SourceFile& source, Error error) {
  JournalLine line = line_for(JournalLine::Event::kFailed, key, source);
  line.failure = std::move(error);
  return append(to_text(line));
}

Status Journal::removed(const std::string& key) {
  JournalLine line;
  line.event = JournalLine::Event::kRemoved;
  line.key = key;
  return append(to_text(line));
}

Status Journal::append(std::string line) {
  if (is_torn_) line.insert(0, "\n");  // so that the torn line stays alone
  line += '\n';
  const ssize_t put = ::write(fd_.get(), line.data(), line.size());
  if (put != static_cast<ssize_t>(line.size())) {
    is_torn_ |= put > 0;
    return fail(error_from_errno(put < 0 ? errno : ENOSPC, "writing the journal " + file_));
  }
  is_torn_ = false;
  load(line);
  return {};
}

}  // namespace tintype
