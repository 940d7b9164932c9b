// StagingFolder: files that are still on their way in, over several requests and restarts. Each is a run of
// bytes that grows at its end, and a note about it. Names: [A-Za-z0-9_-], 1..64.
//
// Thread-safe for different names; calls for one name come one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "storage_client/embedded/space_watermark.h"

namespace tintype {

class StagingFolder {
 public:
  // Makes DIR if it is missing; forgets what a process that died had only begun to make.
  // Below `min_free_bytes` of its disk it takes no more bytes, until a quarter more than that is free.
  static Result<std::unique_ptr<StagingFolder>> open(const std::string& dir, std::uint64_t min_free_bytes = 0);

  // No bytes yet. kAlreadyExists.
  Status create(const std::string& name, const std::string& note);
  // kNotFound.
  Result<std::string> read_note(const std::string& name);
  // Durable when it returns, the old one or the new one at any time before.
  Status replace_note(const std::string& name, const std::string& note);

  Result<std::uint64_t> size(const std::string& name);
  // kStorageFull: see open().
  Status write_at(const std::string& name, std::uint64_t offset, ByteView bytes);
  // The bytes that were written are durable.
  Status sync(const std::string& name);
  Status truncate(const std::string& name, std::uint64_t size);
  // Until `out` is full or the bytes end.
  Result<std::size_t> read_at(const std::string& name, std::uint64_t offset, std::span<std::uint8_t> out);

  // The bytes alone; what was sent is kept elsewhere, the note stays.
  Status remove_bytes(const std::string& name);
  // Ok also when there was none.
  Status remove(const std::string& name);

  // Of everything that has a note, in no order.
  Result<std::vector<std::string>> names();

 private:
  StagingFolder(std::string dir, std::uint64_t min_free_bytes);
  Status check_space(std::uint64_t bytes);
  std::string bytes_path(const std::string& name) const { return dir_ + "/" + name + ".bytes"; }
  std::string note_path(const std::string& name) const { return dir_ + "/" + name + ".note"; }

  const std::string dir_;
  const std::uint64_t min_free_bytes_;
  embedded::SpaceWatermark watermark_;
};

}  // namespace tintype
