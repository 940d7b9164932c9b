// The page beside the results: index.html, self-contained, that shows every photo before and after.
//
// Pictures come by relative links: variants from the folders beside the page, "before" from the source where
// it is. Nothing is copied. The page works from file://, without a network; names are data there, never
// markup.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/compress/journal.h"
#include "cli/compress/photo_item.h"
#include "core/base/result.h"

namespace tintype {

struct ReportPhoto {
  std::string place;   // folder of its variants, relative to the page
  std::string source;  // absolute path
  std::uint64_t bytes = 0;
  DoneFacts facts;
};

struct ReportFailure {
  std::string place;
  Error error;
};

struct Report {
  std::string recipe;
  std::string out_dir;  // absolute
  std::string made_at;  // RFC 3339
  std::uint64_t to_do = 0;
  std::vector<ReportPhoto> photos;
  std::vector<ReportFailure> failures;
};

// Pure.
std::string report_html(const Report& report);

// All photos that the folder holds, those of earlier runs included, and the failures of `items` and of
// earlier runs whose sources are still there.
Status write_report_page(const Journal& journal, const std::vector<PhotoItem>& items, const std::string& recipe,
                         const std::string& out_dir, const std::string& page_file);

}  // namespace tintype
