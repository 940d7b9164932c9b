#include "storage_client/rados/scan.h"

namespace tintype::rados {

Scan::Scan(Space& space, std::string object, ScanRange range, std::uint64_t page, Deadline deadline)
    : space_(space), object_(std::move(object)), range_(std::move(range)), page_(page), deadline_(deadline) {
  ask(range_.after);
}

void Scan::ask(const std::string& after) {
  Read read;
  read.ranges.push_back({after, range_.prefix, page_});
  pending_ = space_.start(object_, std::move(read), deadline_);
}

Result<const std::pair<std::string, std::string>*> Scan::peek() {
  while (at_ == rows_.size() && more_) {
    if (!pending_) ask(rows_.back().first);
    auto answer = std::exchange(pending_, nullptr)->wait();
    if (!answer) return fail(std::move(answer).error());
    rows_ = std::move(answer->pages[0].rows);
    at_ = 0;
    more_ = answer->pages[0].more && !rows_.empty();
  }
  if (at_ == rows_.size() || (!range_.end.empty() && rows_[at_].first >= range_.end)) return nullptr;
  return &rows_[at_];
}

Status scan_merged(Space& space, const std::vector<std::string>& objects, const ScanRange& range, std::uint64_t page,
                   Deadline deadline,
                   const std::function<Result<bool>(const std::string&, const std::string&)>& visit) {
  std::vector<std::unique_ptr<Scan>> scans;
  for (const std::string& object : objects)
    scans.push_back(std::make_unique<Scan>(space, object, range, page, deadline));
  while (true) {
    Scan* first = nullptr;
    const std::pair<std::string, std::string>* row = nullptr;
    for (const auto& scan : scans) {
      TT_ASSIGN(const auto* candidate, scan->peek());
      if (candidate && (!row || candidate->first < row->first)) {
        first = scan.get();
        row = candidate;
      }
    }
    if (!row) return {};
    TT_ASSIGN(const bool goes_on, visit(row->first, row->second));
    if (!goes_on) return {};
    first->next();
  }
}

}  // namespace tintype::rados
