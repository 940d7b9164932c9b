// AccessStore: where the access book is kept: a file of one farm (access_file.h), or a document of a fleet
// (access_document.h). LiveAccess: the book as it is now, for many readers.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "gateway/access/access_book.h"

namespace tintype {

class AccessStore {
 public:
  virtual ~AccessStore() = default;

  // kNotFound before the first change(); kDenied when others may read it.
  virtual Result<AccessBook> read() const = 0;
  // Reads, lets `edit` change it, writes durably: all of it or nothing. Makes the book and its first key where there
  // are none. `edit` may be called more than once, each time on the book as it is.
  virtual Status change(UnixMs now_ms, const std::function<Status(AccessBook&)>& edit) const = 0;
};

// Thread-safe.
class LiveAccess {
 public:
  virtual ~LiveAccess() = default;
  // Never waits for long: whoever serves sockets asks. Null while there is no book that may be used: then nobody is let
  // in by it.
  virtual std::shared_ptr<const AccessBook> now() = 0;
  // True while now() is null because the book cannot be looked up, for a reason that passes.
  virtual bool is_out_of_reach() const { return false; }
};

// What every change() does to a book that was read (kNotFound: a new one), before it is written.
Result<AccessBook> edited(Result<AccessBook> book, UnixMs now_ms, const std::function<Status(AccessBook&)>& edit);

}  // namespace tintype
