// SourceReader: a source file's bytes, once, front to back, as long as it stays the file that was walked.
#pragma once

#include <cstdint>
#include <span>

#include "cli/compress/folder_walk.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype {

class SourceReader {
 public:
  // Read-only. kConflict if size or time differ from `source`.
  static Result<SourceReader> open(const SourceFile& source);
  // How much of `into` was filled; kConflict if the file has become shorter.
  Result<std::size_t> read(std::span<std::uint8_t> into);
  // kConflict if it was changed since open().
  Status check_unchanged() const;

 private:
  SourceReader(UniqueFd fd, SourceFile source) : fd_(std::move(fd)), source_(std::move(source)) {}

  UniqueFd fd_;
  SourceFile source_;
};

}  // namespace tintype
