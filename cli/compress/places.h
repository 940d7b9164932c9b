// Places: no two sources share a folder of results, whatever they are called and whenever they were
// compressed.
#pragma once

#include <string>
#include <vector>

#include "cli/compress/folder_walk.h"
#include "cli/compress/journal.h"

namespace tintype {

struct PlaceNotes {
  std::uint64_t moved = 0;    // sources whose place was taken by another
  std::string example_path;   // the first of them
  std::string example_place;  // where it went
};

// Gives each picture the place it had before if the journal knows it, else its own if it is free, else its
// own with
// "~" and six hex digits of its path's hash. A place is free when the source it belonged to exists no more.
PlaceNotes settle_places(std::vector<SourceFile>& pictures, const Journal& journal);

}  // namespace tintype
