// DIR/snapshot: the store as of one moment, in hard links.
//
// The database's checkpoint comes first and the files after it, while nothing is removed: whatever the checkpoint names
// is there. What came in between is named by nobody, and the sweeper of the restored store removes it.
#pragma once

#include <string>

#include "core/base/result.h"
#include "storage_client/embedded/database.h"

namespace tintype::embedded {

std::string snapshot_folder(const std::string& dir);

// With removals held back. Nothing is left behind if it fails.
Status make_snapshot(const std::string& dir, Database& database);
// False if there was none.
Result<bool> remove_snapshot(const std::string& dir);

}  // namespace tintype::embedded
