// A layer between this program (its libraries too) and the file system, which writes down every change under one folder
// and which of them were synced. It stands in libc's place: linking it defines open, write, rename, fsync and their
// like. What it does not see, such as stdio and mappings, is as if it had never been written.
//
// fsync and fdatasync do not reach the disk; they take a random time, and then what the file held when they began is
// recorded as durable. Of a new, renamed or deleted file only the folder's fsync makes the name durable.
#pragma once

#include <string>

namespace tintype::crash {

// From now on, for the rest of this process. `folder` is absolute and without links; `journal` is made anew.
// `longest_sync_us`: a sync takes up to that long. Ends the process if the journal cannot be made.
void watch(const std::string& folder, const std::string& journal, unsigned longest_sync_us);

}  // namespace tintype::crash
