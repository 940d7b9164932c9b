// Scan: the rows of one object, or of many as if they were one, in the order of their keys, however many
// there are. Not one moment's picture: rows that come and go meanwhile may or may not be seen.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage_client/rados/space.h"

namespace tintype::rados {

struct ScanRange {
  std::string after;   // exclusive
  std::string prefix;  // of every key
  std::string end;     // exclusive; empty: none
};

class Scan {
 public:
  // Asks the first page at once; `page` rows are asked for at a time.
  Scan(Space& space, std::string object, ScanRange range, std::uint64_t page, Deadline deadline);

  // The row it stands on; null at the end.
  Result<const std::pair<std::string, std::string>*> peek();
  void next() { ++at_; }

 private:
  void ask(const std::string& after);

  Space& space_;
  const std::string object_;
  const ScanRange range_;
  const std::uint64_t page_;
  const Deadline deadline_;
  std::unique_ptr<PendingRead> pending_;
  Rows rows_;
  std::size_t at_ = 0;
  bool more_ = true;
};

// Every row of these objects, smallest key first, until `visit` answers false or an error.
Status scan_merged(Space& space, const std::vector<std::string>& objects, const ScanRange& range, std::uint64_t page,
                   Deadline deadline,
                   const std::function<Result<bool>(const std::string& key, const std::string& value)>& visit);

}  // namespace tintype::rados
