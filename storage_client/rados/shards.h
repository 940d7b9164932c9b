// Shards: the objects that one owner's index is kept in, and how one becomes two.
//
// An owner's index starts as one object, its head, named as the owner is. All rows of a photo lie in one
// object: both orderings, heavy row, manifest, tombstone; so every change of a photo is one compound
// operation. An object that has grown over the limit is split at a photo id: ids from there on move to a new
// object, and the head's map says so. The order by time taken is merged from all objects when it is read.
//
// Read rule: the map is read with every call (in one request with the head's own rows), never cached. Rows of
// an object count if its epoch is not above the one that the map gives it; otherwise the map has changed
// meanwhile: read it again. Write rule: a write names the state that its object had when the rows were read,
// and is refused if that has changed. An object that is frozen takes no writes: whoever wants to write ends
// the split first.
//
// Write order of a split, O into O and N, and what a death after each step leaves:
//   1 freeze   O's state names N and the id          O is read as before; the next writer goes on with step 2
//   2 fill     N, "filling", takes copies of rows    in no map, so nobody reads it; copied again, the same
//   rows 3 open     N takes writes, and no copies         in no map yet; the next writer goes on with step 4
//   4 map      the head's map has N; O's epoch + 1   reads and writes of moved ids go to N; O's copies are in
//   no range 5 trim     O loses the moved rows, is open       done
// Every step is guarded by what the one before left, so that any number of processes may do it at once.
//
// Months are counted an object, in the operation that changes a photo's rows, by adding: a writer neither reads
// a count nor depends on other writers of the month. A split does not add: step 2 writes the counts of the rows
// that it copies, step 5 those of the rows that stay, so that each photo counts in exactly the object that the map
// gives it. months() reads by the same rule as lists. An object that was never counted (state of version 1), and
// one whose lists a scrub found wrong, is counted by its next writer or by months(), whichever comes first:
//   1 counting  O takes no writes    it is read as before; the next writer goes on with step 2
//   2 counted   in one operation: its order by time taken, its counts, its state
#pragma once

#include <string>

#include "core/base/log.h"
#include "storage_client/photo_index.h"
#include "storage_client/rados/index_rows.h"
#include "storage_client/rados/rados_store.h"
#include "storage_client/rados/space.h"

namespace tintype::rados {

// A photo's rows at one moment, "" where there is none, and where they lie.
struct PhotoRows {
  std::string object;
  std::string state;
  std::string light, heavy, manifest, tombstone;
  bool fresh = false;  // there is no such object yet: who makes it says that it is counted
};

enum class RowsFor : std::uint8_t { kReading, kWriting };

class Shards {
 public:
  Shards(Space& owners, const RadosStoreConfig& config, Logger& log) : owners_(owners), config_(config), log_(log) {}

  Result<PhotoRows> rows_of(const std::string& owner, PhotoId photo, RowsFor purpose, Deadline deadline);
  Result<ListPage> list(const std::string& owner, const ListQuery& query, Deadline deadline);

  Result<std::vector<MonthCount>> months(const std::string& owner, ListOrder by, Deadline deadline);
  // Makes the order by time taken and the counts again, from the photos that are there.
  Status rebuild_lists(const std::string& owner, Deadline deadline);

  // Splits the object of this photo if it is over the limit.
  Status split_if_large(const std::string& owner, PhotoId photo, Deadline deadline);
  Result<ShardMap> map_of(const std::string& owner, Deadline deadline);

 private:
  // What list() has of one object; none: the map has changed meanwhile.
  Result<std::optional<Rows>> listed(const std::string& owner, const Shard& shard, const ReadAnswer& answer,
                                     Deadline deadline);

  // The two steps of counting; Ok also where somebody else was faster.
  Status make_lists(const std::string& object, const std::string& state_row, Deadline deadline);
  // False: it was not, and has been seen to; read it again.
  Result<bool> is_counted(const std::string& owner, const Shard& shard, const ReadAnswer& answer, Deadline deadline);
  Result<bool> has_photo(const std::string& object, PhotoId photo, Deadline deadline);

  Status end_split(const std::string& owner, const std::string& object, const std::string& frozen, Deadline deadline);
  Status fill(const std::string& object, const ShardState& state, Deadline deadline);
  Status add_to_map(const std::string& owner, const std::string& object, const ShardState& state, Deadline deadline);
  Status trim(const std::string& object, const std::string& frozen, const ShardState& state, Deadline deadline);
  Status reached(SplitStep step) const;

  Space& owners_;
  const RadosStoreConfig& config_;
  Logger& log_;
};

}  // namespace tintype::rados
