// How many photos an owner has in each month, by either time: rows beside the lists, changed in the batch that changes
// a list, by adding (adding_numbers.h). So they are exact as of every batch, and nobody reads before he writes.
#pragma once

#include <rocksdb/write_batch.h>

#include "core/base/log.h"
#include "storage_client/embedded/database.h"

namespace tintype::embedded {

// One photo more (+1) or less (-1) in the months of its two times.
void count_photo(rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* family, const std::string& owner,
                 const LightRow& row, std::int64_t change);

// The owner's counts become those of `photos`.
Status replace_month_counts(Database& database, rocksdb::WriteBatch& batch, const std::string& owner,
                            const std::vector<LightRow>& photos);

Result<std::vector<MonthCount>> read_month_counts(Database& database, const std::string& owner, ListOrder by);

// Counts a store that has not been counted since counts are kept (format 3). May be cut short and begun
// again.
Status ensure_counted(Database& database, Logger& log);

}  // namespace tintype::embedded
