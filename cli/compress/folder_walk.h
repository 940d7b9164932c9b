// folder_walk: which files under the paths that a person named are pictures, and where the results of each
// go.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace tintype {

struct SourceFile {
  std::string path;   // absolute
  std::string place;  // where its results go, relative to the folder of results: "Pictures/2019/a.jpg"
  std::uint64_t bytes = 0;
  std::int64_t mtime_ns = 0;
};

struct UnreadableFile {
  std::string path;
  std::string place;
  Error error;
};

struct WalkResult {
  std::vector<SourceFile> pictures;         // in the order of their places
  std::vector<UnreadableFile> unreadable;   // files, folders and links that cannot be opened, with the cause
  std::vector<std::string> not_pictures;    // absolute paths of files of other kinds
  std::uint64_t hidden = 0;                 // files and folders whose names start with a dot, left out
  std::vector<std::string> result_folders;  // folders that hold results of ours, left out
};

// Walks each of `paths`: a file is always taken; in a folder, files are taken whose extension is a picture's
// or whose first bytes look like one. Links are followed, but no folder is entered twice. A place is relative
// to the parent of the path that was named. `out_dir` and folders with results of an earlier run are not
// entered. kInvalidArgument or kNotFound if one of `paths` is neither a file nor a folder.
Result<WalkResult> walk_folders(const std::vector<std::string>& paths, const std::string& out_dir);

// True for a name whose extension is one that pictures have, in either case.
bool has_picture_extension(std::string_view file_name);

}  // namespace tintype
