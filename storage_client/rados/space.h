// Space: the objects of one pool and namespace, and requests to them. The only owner of librados' C API
// beside Cluster.
//
// A request is a plain description, so that it can be sent again. Each is atomic: a Write is applied whole or
// not at all, a Read sees its object as of one moment. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "storage_client/failing_store.h"

namespace tintype::rados {

using Rows = std::vector<std::pair<std::string, std::string>>;

class Deadline {
 public:
  static Deadline after_ms(std::int64_t ms) {
    return Deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(ms));
  }
  bool passed() const { return passes_within(std::chrono::milliseconds(0)); }
  bool passes_within(std::chrono::milliseconds time) const { return std::chrono::steady_clock::now() + time >= at_; }

 private:
  explicit Deadline(std::chrono::steady_clock::time_point at) : at_(at) {}
  std::chrono::steady_clock::time_point at_;
};

// Omap keys and values are any bytes but that no key has a zero byte and no value is empty: to the cluster,
// an absent row equals "". Applied in the order of the fields.
struct Write {
  bool create = false;  // the object, if it is absent; without it an absent object is kNotFound
  Rows expect;          // rows that must have this value ("": be absent), else nothing happens
  std::vector<std::pair<std::string, std::string>> erase_ranges;  // [from, end)
  std::vector<std::string> erase;
  // Rows that hold a number as text: the number added to each, absent ones from 0. Of rows that no other field names.
  std::vector<std::pair<std::string, std::int64_t>> add;
  Rows set;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> zero;  // offset and length of data
  std::vector<std::pair<std::uint64_t, ByteView>> data;       // offset and bytes; borrowed until the request has ended
  bool remove = false;                                        // the object
};

struct WriteAnswer {
  bool applied = false;  // false: an expectation did not hold...
  bool unsure = false;   // ...but an earlier sending of it timed out, and may be the reason
};

struct RowRange {
  std::string after;   // exclusive
  std::string prefix;  // of every key; may be empty
  std::uint64_t limit = 1000;
};

struct Read {
  std::vector<std::string> keys;
  std::vector<RowRange> ranges;
  std::uint64_t offset = 0;  // of data
  std::span<std::uint8_t> data;
};

struct ReadAnswer {
  bool exists = false;
  std::map<std::string, std::string> rows;  // of `keys`; without those that are absent
  struct Page {
    Rows rows;
    bool more = false;
  };
  std::vector<Page> pages;  // one a range
  std::size_t data_size = 0;

  std::string row(const std::string& key) const;  // "" if absent
};

// A request under way. Destroyed before wait(): waits, and forgets the answer.
class PendingWrite {
 public:
  virtual ~PendingWrite() = default;
  // Sends it again while it times out and the deadline has not passed. Once.
  virtual Result<WriteAnswer> wait() = 0;
};
class PendingRead {
 public:
  virtual ~PendingRead() = default;
  virtual Result<ReadAnswer> wait() = 0;
};

class Space {
 public:
  virtual ~Space() = default;
  virtual std::unique_ptr<PendingWrite> start(const std::string& object, Write write, Deadline deadline) = 0;
  virtual std::unique_ptr<PendingRead> start(const std::string& object, Read read, Deadline deadline) = 0;
  virtual Deadline deadline() const = 0;  // of a call that begins now

  Result<WriteAnswer> write(const std::string& object, Write what, Deadline until) {
    return start(object, std::move(what), until)->wait();
  }
  Result<ReadAnswer> read(const std::string& object, Read what, Deadline until) {
    return start(object, std::move(what), until)->wait();
  }
  // Ok also when it is absent.
  Status remove(const std::string& object, Deadline until);
  // Rows of `keys` erased, where there is such an object.
  Status erase(const std::string& object, std::vector<std::string> keys, Deadline until);
};

// 64 random bits, never 0: what tells one write from every other when it is read back.
std::uint64_t new_token();
std::string hex(std::uint64_t number);  // 16 digits

}  // namespace tintype::rados
