// Shared memory: memfds and their mappings, the only way pixels and files pass between processes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype {

// A memfd of exactly `size` bytes, all zero and taking no memory until written. Nobody can resize it, so a mapping
// never faults; anybody it is passed to can write it until seal_for_good(). `name` shows in /proc.
Result<UniqueFd> make_shared_memory(const char* name, std::uint64_t size);

// From now on nobody can write `fd`'s bytes. False while somebody still has it mapped writable.
bool seal_for_good(int fd);

// All of `bytes`, at `offset`, without mapping it: copying is cheaper than faulting pages in.
Status read_exactly(int fd, std::span<std::uint8_t> bytes, std::uint64_t offset);
Status write_exactly(int fd, ByteView bytes, std::uint64_t offset);

// A mapping of a whole memfd.
class Mapping {
 public:
  enum class Access { kRead, kReadWrite };

  Mapping() = default;
  static Result<Mapping> map(int fd, std::uint64_t size, Access access);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  std::span<std::uint8_t> bytes() const { return {data_, size_}; }
  ByteView view() const { return {data_, size_}; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace tintype
