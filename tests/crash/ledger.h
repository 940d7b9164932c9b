// Ledger: the checker's own record of what was asked and what was answered, kept outside the farm, and what is wrong
// with the farm's answers by it. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/ids.h"

namespace tintype::crash {

enum class Wrong : std::uint8_t { kLost, kAltered, kUndeleted, kList, kOrphan, kDoubled, kAnswer };

struct Violation {
  Wrong what = Wrong::kAnswer;
  std::string text;
};

struct Upload {
  std::size_t number = 0;
  std::string owner;
  std::optional<PhotoId> photo;  // once answered 201, or 200 to a retry
  bool delete_asked = false;
  bool deleted = false;    // answered 204
  bool held = false;       // retried just now: a delete meanwhile would free its key
  std::string resumable;   // the path of its tus upload, once that was answered
  std::uint64_t came = 0;  // bytes of it that were answered for

  // All else follows from the number. A quarter comes by tus, in pieces.
  bool is_resumable() const { return number % 4 == 1; }
  std::string key() const;
  std::string file_name() const;
  std::string bytes() const;
};

// One row of an answered list.
struct Row {
  PhotoId photo;
  UnixMs uploaded_ms = 0, taken_ms = 0;
};

struct ListAsked {
  std::string owner;
  bool by_taken = false;
  std::optional<UnixMs> from_ms, to_ms;
};

class Ledger {
 public:
  Upload begin(const std::string& owner);
  // 201 or 200: of the same upload always the same photo.
  void answered(std::size_t number, PhotoId photo);
  void delete_answered(std::size_t number);
  // Of a resumable upload: it is at `path`, and these bytes of it were answered for.
  void came(std::size_t number, const std::string& path, std::uint64_t bytes);

  // Some photo of the owner that was answered and whose deletion nobody asked for.
  std::optional<Upload> pick(const std::string& owner, std::mt19937& random);
  // The same, to ask for its deletion (entered at once), or to send its upload again; then let go.
  std::optional<Upload> pick_to_delete(const std::string& owner, std::mt19937& random);
  std::optional<Upload> pick_to_retry(const std::string& owner, std::mt19937& random);
  void let_go(std::size_t number);
  std::size_t living() const;
  std::vector<Upload> uploads() const;

  // What a list that is asked now has to show at least, and must not show.
  struct Expected {
    std::set<PhotoId> there, gone;
  };
  Expected expect(const ListAsked& asked) const;
  // Judges an answered list, all its pages together, against what was expected when it was asked.
  void judge(const ListAsked& asked, const Expected& expected, const std::vector<Row>& rows);

  void wrong(Wrong what, std::string text);
  std::vector<Violation> violations() const;

 private:
  Upload* some_of(const std::string& owner, std::mt19937& random);

  mutable std::mutex mutex_;
  std::deque<Upload> uploads_;
  std::map<PhotoId, std::size_t> by_photo_;
  std::vector<Violation> violations_;
};

}  // namespace tintype::crash
