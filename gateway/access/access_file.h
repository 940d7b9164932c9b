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
#include "gateway/access/access_store.h"

namespace tintype {

class AccessFile final : public AccessStore {
 public:
  explicit AccessFile(std::string folder) : folder_(std::move(folder)) {}

  std::string path() const { return folder_ + "/book.json"; }

  Result<AccessBook> read() const override;
  // Makes the folder, too. Calls `edit` once.
  Status change(UnixMs now_ms, const std::function<Status(AccessBook&)>& edit) const override;

 private:
  std::string folder_;
};

class LiveAccessBook final : public LiveAccess {
 public:
  LiveAccessBook(AccessFile file, Logger& log) : file_(std::move(file)), log_(log) {}

  // Looks whether the file changed (one stat).
  std::shared_ptr<const AccessBook> now() override;

 private:
  const AccessFile file_;
  Logger& log_;
  std::mutex mutex_;
  struct stat seen_{};
  std::shared_ptr<const AccessBook> book_;
};

}  // namespace tintype
