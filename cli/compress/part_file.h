// PartFile: a file on its way in: written and digested piece by piece, then moved to its place, or gone.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/bytes.h"
#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype {

class PartFile {
 public:
  static Result<PartFile> create(std::string path);
  ~PartFile();  // removes the file unless it was moved
  PartFile(PartFile&&) noexcept;
  PartFile& operator=(PartFile&&) = delete;

  Status write(ByteView piece);
  // kCorruptData unless all that was written has this size and SHA-256 (hex).
  Status check(std::uint64_t bytes, const std::string& sha256_hex);
  // Into its place, over what is there; makes the folders. Same file system.
  Status move_to(const std::string& path);

 private:
  PartFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  UniqueFd fd_;
  Sha256Stream digest_;
  std::uint64_t bytes_ = 0;
};

}  // namespace tintype
