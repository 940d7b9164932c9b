#include "cli/compress/run_plan.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace tintype {

bool outputs_are_whole(const JournalEntry& entry, const std::string& out_dir) {
  return entry.done && std::ranges::all_of(entry.done->variants, [&](const VariantFacts& variant) {
           struct stat facts{};
           const std::string path = out_dir + '/' + entry.place + '/' + variant.file_name();
           return ::stat(path.c_str(), &facts) == 0 && static_cast<std::uint64_t>(facts.st_size) == variant.bytes;
         });
}

std::vector<PhotoItem> plan_run(WalkResult walked, const Journal& journal, const std::string& recipe_version,
                                const std::string& out_dir, bool retry_failed) {
  std::vector<PhotoItem> items;
  items.reserve(walked.pictures.size() + walked.unreadable.size());
  for (SourceFile& source : walked.pictures) {
    PhotoItem& item = items.emplace_back();
    item.key = source_key(source, recipe_version);
    item.source = std::move(source);
    const JournalEntry* entry = journal.find(item.key);
    if (entry == nullptr) continue;
    if (entry->place == item.source.place && outputs_are_whole(*entry, out_dir)) {
      item.state = PhotoState::kDone;
      item.done = entry->done;
      item.from_before = true;
    } else if (entry->failure && is_bad_picture(entry->failure->code) && !retry_failed) {
      item.state = PhotoState::kFailed;
      item.failure = entry->failure;
      item.from_before = true;
    }
  }
  for (UnreadableFile& file : walked.unreadable) {
    PhotoItem& item = items.emplace_back();
    item.source.path = std::move(file.path);
    item.source.place = std::move(file.place);
    item.state = PhotoState::kFailed;
    item.failure = std::move(file.error);
  }
  return items;
}

}  // namespace tintype
