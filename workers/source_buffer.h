// SourceBuffer: a photo's bytes in sealed shared memory, filled once, then read by any process it is passed to.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype {

class SourceBuffer {
 public:
  // `fill` writes all `size` bytes; afterwards nobody can change or resize them (memfd seals).
  static Result<std::shared_ptr<const SourceBuffer>> create(std::uint64_t size,
                                                            const std::function<Status(std::span<std::uint8_t>)>& fill);
  ~SourceBuffer();
  SourceBuffer(const SourceBuffer&) = delete;
  SourceBuffer& operator=(const SourceBuffer&) = delete;

  int fd() const { return fd_.get(); }
  std::uint64_t size() const { return size_; }

 private:
  SourceBuffer() = default;
  UniqueFd fd_;
  std::uint64_t size_ = 0;
};

}  // namespace tintype
