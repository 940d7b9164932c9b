// The end of a run, for people and for programs. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/compress/photo_item.h"
#include "cli/compress/run_totals.h"

namespace tintype {

// What the two forms tell beside the photos themselves.
struct RunFacts {
  std::string recipe;
  std::string out_dir;
  std::string page;  // empty: none was written
  double seconds = 0;
  bool interrupted = false;
  std::vector<std::string> not_pictures;
  std::vector<std::string> notes;
};

// A table per format, failures by cause, and what there is to know. Ends in a newline.
std::string summary_text(const RunTotals& totals, const RunFacts& facts);

// {"summary":{...},"formats":[...],"failures":[...],"photos":[...],"not_pictures":[...],"notes":[...]}, with
// a newline. Paths that are not UTF-8 are shown with U+FFFD and written exactly, in hex, beside it
// ("path_hex").
std::string summary_json(const RunTotals& totals, const RunFacts& facts, const std::vector<PhotoItem>& items);

}  // namespace tintype
