// AccessFile: the access book in DATA/access/book.json. Only its owner may read it (0600), as it holds the keys.
//
// `tintype token` writes it, under a lock and by rename; `serve` reads it again when it has changed: no restart.
#pragma once

#include <sys/stat.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/result.h"
#include "gateway/access/access_book.h"

namespace tintype {

class AccessFile {
 public:
  explicit AccessFile(std::string folder) : folder_(std::move(folder)) {}

  std::string path() const { return folder_ + "/book.json"; }

  // kNotFound before the first change(); kDenied when others may read the file.
  Result<AccessBook> read() const;
  // Reads, lets `edit` change it, writes durably. Makes the folder, the file and its first key where there are
  // none.
  Status change(UnixMs now_ms, const std::function<Status(AccessBook&)>& edit) const;

 private:
  std::string folder_;
};

// The book as it is now, for many readers. Thread-safe.
class LiveAccessBook {
 public:
  LiveAccessBook(AccessFile file, Logger& log) : file_(std::move(file)), log_(log) {}

  // Looks whether the file changed (one stat). Null while there is none, or none that can be read: then nobody
  // is let in by it.
  std::shared_ptr<const AccessBook> now();

 private:
  const AccessFile file_;
  Logger& log_;
  std::mutex mutex_;
  struct stat seen_{};
  std::shared_ptr<const AccessBook> book_;
};

}  // namespace tintype
