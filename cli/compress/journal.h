// Journal: what `compress` has done in a folder of results, one JSON line an event, only ever appended to.
//
// Read once when opened, kept in memory after. A torn or foreign line is passed over: what it said is done
// again. A photo is known by its key (path, size, time, recipe version): a source that changed is another
// photo. Not thread-safe; one process at a time (OutFolder's lock).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/compress/folder_walk.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype {

struct ScoreFacts {
  double score = 0;    // SSIMULACRA2, measured
  bool met = false;    // it is what the recipe asked for
  double encodes = 0;  // that it took to find
};

struct VariantFacts {
  std::string name;    // "1024.webp"
  std::string format;  // "webp"
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint64_t bytes = 0;
  std::string sha256;  // hex
  double encode_seconds = 0;
  std::optional<ScoreFacts> score = std::nullopt;  // where the recipe asked for one

  // In the folder of results: its name, which says the format, or with the format added ("1024.best.avif").
  std::string file_name() const { return name.ends_with('.' + format) ? name : name + '.' + format; }
};

// A photo whose variants are all in the folder of results.
struct DoneFacts {
  std::uint32_t width = 0;  // of the source, upright
  std::uint32_t height = 0;
  std::vector<VariantFacts> variants;
  std::vector<std::string> warnings;
};

struct JournalEntry {
  std::string key;
  std::string path;
  std::string place;
  std::uint64_t bytes = 0;  // of the source
  std::string photo_id;     // in the farm; empty: it is not there
  std::string job_id;
  bool keep = false;              // it is to stay in the farm
  std::optional<DoneFacts> done;  // at most one of these two
  std::optional<Error> failure;
  int generation = 0;  // how often it ended and left the farm: makes a fresh idempotency key
};

// 32 hex digits that name a source file as it is now under a recipe.
std::string source_key(const SourceFile& source, std::string_view recipe_version);

class Journal {
 public:
  static Result<Journal> open(const std::string& file);

  // Names all jobs of this folder of results in a farm, also over runs. [0-9a-f-].
  const std::string& batch() const { return batch_; }
  // For POST /v1/photos: the same upload again has the same key, a new try after an end has another.
  std::string idempotency_key(const std::string& key) const;

  const JournalEntry* find(const std::string& key) const;
  // Entries of photos that are still in the farm, as far as is known.
  std::vector<const JournalEntry*> in_farm() const;
  // The latest entry for each source path, in the order of their places.
  std::vector<const JournalEntry*> latest() const;
  // The place that a source path was given before, and the path that was given a place; empty if none.
  std::string place_of(const std::string& path) const;
  std::string owner_of(const std::string& place) const;

  // An error means that the line is not in the file (most often: no space).
  Status submitted(const std::string& key, const SourceFile& source, std::string photo_id, std::string job_id);
  Status done(const std::string& key, const SourceFile& source, DoneFacts facts, bool keep);
  Status failed(const std::string& key, const SourceFile& source, Error error);
  // The farm has it no more.
  Status removed(const std::string& key);

 private:
  explicit Journal(UniqueFd fd) : fd_(std::move(fd)) {}
  void load(std::string_view text);
  JournalEntry& entry_for(const std::string& key, const std::string& path, const std::string& place);
  Status append(std::string line);

  UniqueFd fd_;
  std::string file_;
  std::string batch_;
  bool is_torn_ = false;                               // the file ends inside a line
  std::map<std::string, JournalEntry> entries_;        // by key
  std::map<std::string, std::string> latest_key_;      // by path
  std::map<std::string, std::string> owner_of_place_;  // path by place
};

}  // namespace tintype
