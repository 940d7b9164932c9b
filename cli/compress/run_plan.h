// run_plan: which photos are to be done, and which an earlier run has ended.
#pragma once

#include <string>
#include <vector>

#include "cli/compress/folder_walk.h"
#include "cli/compress/journal.h"
#include "cli/compress/photo_item.h"

namespace tintype {

// True if every variant is under `out_dir` with its size.
bool outputs_are_whole(const JournalEntry& entry, const std::string& out_dir);

// One item a picture and unreadable file. Done: the journal says so, for the same file under the same recipe,
// and the variants are there. Failed: by the picture's own fault, unless `retry_failed`; other failures are
// tried again.
std::vector<PhotoItem> plan_run(WalkResult walked, const Journal& journal, const std::string& recipe_version,
                                const std::string& out_dir, bool retry_failed);

}  // namespace tintype
