// PhotoNews: which photos a process of a fleet has changed, told to all others, whose caches forget them.
//
// News may get lost (a connection that is being made again): caches must end their entries by age as well. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/ids.h"
#include "core/queue/broadcast.h"
#include "storage_client/cache/announcing_index.h"

namespace tintype {

class PhotoNews {
 public:
  // `broadcast` must outlive it.
  explicit PhotoNews(Broadcast& broadcast);

  // What make_announcing() is given.
  void tell(const std::string& owner, PhotoId photo);

  // Calls `on_change` for what others tell; not for this one's own, whose caches know already.
  Result<std::unique_ptr<Listening>> listen(AnnouncePhoto on_change);

 private:
  Broadcast& broadcast_;
  const std::string sender_;
};

}  // namespace tintype
