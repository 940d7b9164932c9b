// ScrubState: how far a scrub of a store has come and what it found: kept as a document of the farm, so that it goes on
// where it stopped and every process can tell of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/base/result.h"

namespace tintype {

inline constexpr int kScrubSchemaVersion = 1;
inline constexpr const char* kScrubDocument = "scrub";
inline constexpr std::size_t kScrubFindingsKept = 200;

enum class ScrubPhase : std::uint8_t { kBlobs, kPhotos };
enum class ScrubEnd : std::uint8_t { kRunning, kDone, kStopped, kFailed };

enum class ScrubKind : std::uint8_t {
  kWrongOriginal,    // other bytes than were uploaded: never repaired, never deleted
  kMissingOriginal,  // never repaired
  kWrongVariant,     // repaired: dropped, and made again by a job
  kMissingVariant,   // repaired: made again by a job
  kWrongLists,       // the two orders and the counts of months disagree; repaired: made again
  kOrphan,           // a blob that no photo names, older than any job; repaired: removed
};
std::string_view scrub_kind_name(ScrubKind kind);  // "wrong_original", ...
std::string_view scrub_end_name(ScrubEnd end);     // "running", "done", "stopped", "failed"

struct ScrubFinding {
  ScrubKind kind = ScrubKind::kOrphan;
  std::string owner;
  std::string photo_id;  // empty: all of the owner's
  std::string blob;      // its key; may be empty
  std::string detail;    // a sentence
  bool repaired = false;
};

struct ScrubCount {
  std::uint64_t blobs = 0, bytes = 0;  // read whole, and compared
  std::uint64_t photos = 0, owners = 0;
  std::uint64_t wrong_originals = 0, missing_originals = 0;
  std::uint64_t wrong_variants = 0, missing_variants = 0;
  std::uint64_t wrong_lists = 0;
  std::uint64_t orphans = 0, orphan_bytes = 0;
  std::uint64_t jobs = 0;      // enqueued to make variants again
  std::uint64_t repaired = 0;  // findings

  std::uint64_t found() const {
    return wrong_originals + missing_originals + wrong_variants + missing_variants + wrong_lists + orphans;
  }
};

struct ScrubState {
  ScrubEnd end = ScrubEnd::kRunning;
  std::string runner;  // the process that runs it
  bool repair = true;
  std::uint64_t bytes_a_second = 0;  // 0: as fast as it goes
  ScrubPhase phase = ScrubPhase::kBlobs;
  std::string cursor;  // of the phase; what comes after it is to be done
  UnixMs started_at_ms = 0, updated_at_ms = 0, ended_at_ms = 0;
  std::uint64_t blobs_to_see = 0, bytes_to_see = 0;
  ScrubCount count;
  std::vector<ScrubFinding> findings;  // the first ones
  Error error;                         // of kFailed

  bool is_over() const { return end == ScrubEnd::kDone; }
};

std::string to_json(const ScrubState& state);
Result<ScrubState> parse_scrub_state(std::string_view json);

}  // namespace tintype
