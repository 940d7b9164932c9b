// Survivors: what a disk holds after the power went, given what it held before and the sync layer's journal.
//
// The model is POSIX's, which promises less than any file system gives: a file's bytes are durable once it was fsynced,
// a name once its folder was. Everything else may be lost, alone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/crash/sync_journal.h"

namespace tintype::crash {

// kSyncedOnly: nothing that was not synced. kSomeMore: of each file and folder also the first few changes after its
// last sync, as a disk that wrote back some of it. kEverything: as if the power had not gone.
enum class Keep : std::uint8_t { kSyncedOnly, kSomeMore, kEverything };

class Survivors {
 public:
  // The folder as it is: all of it durable. Read before the process that is to die starts.
  explicit Survivors(std::string folder);

  // Plays the journal, then makes the folder hold what survives of it.
  void after(const std::string& journal, Keep keep, std::mt19937& random);

 private:
  struct Node;
  using Entries = std::map<std::string, std::shared_ptr<Node>, std::less<>>;
  // Of a file: data at an offset, zeroes, a length or a time. Of a folder: a name's new node, or none.
  struct Change {
    std::uint64_t record = 0;
    Kind kind = Kind::kWrite;
    std::uint64_t offset = 0, size = 0;
    std::string_view data;
    std::vector<std::pair<std::string, std::shared_ptr<Node>>> names;
  };
  struct Node {
    bool is_folder = false;
    std::string bytes;  // durable
    std::int64_t time_ns = 0;
    Entries entries;  // durable
    Entries live;     // as the process saw it
    std::vector<Change> pending;
  };

  std::shared_ptr<Node> scan(const std::string& path);
  void play(const RecordHead& head, std::string_view path, std::string_view path2, std::string_view data,
            std::uint64_t record);
  void edit(std::string_view path, std::shared_ptr<Node> now, std::uint64_t record);
  void rename(std::string_view from, std::string_view to, std::uint64_t record);
  // The folder that holds `path`, and the last name in it.
  std::pair<Node*, std::string> place_of(std::string_view path);
  std::shared_ptr<Node> live_at(std::string_view path);
  static void apply(Node& node, const Change& change);
  void settle(Node& node, Keep keep, std::mt19937& random);
  void write_out(const Node& node, const std::string& path) const;

  std::string folder_;
  std::string journal_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Node>> nodes_;  // by the inode that has the number now
  std::vector<std::shared_ptr<Node>> all_;
  std::shared_ptr<Node> root_;
};

}  // namespace tintype::crash
