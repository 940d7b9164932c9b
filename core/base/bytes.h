// Bytes: an owned, move-only, uninitialised run of bytes; ByteView: a borrowed one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace tintype {

using ByteView = std::span<const std::uint8_t>;

class Bytes {
 public:
  Bytes() = default;
  // `size` bytes, not initialised.
  explicit Bytes(std::size_t size)
      : data_(size ? std::make_unique_for_overwrite<std::uint8_t[]>(size) : nullptr), size_(size) {}
  Bytes(Bytes&& other) noexcept : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  Bytes& operator=(Bytes&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  static Bytes copy_of(ByteView view) {
    Bytes bytes(view.size());
    if (!view.empty()) std::memcpy(bytes.data(), view.data(), view.size());
    return bytes;
  }

  std::uint8_t* data() { return data_.get(); }
  const std::uint8_t* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Forgets the tail. `size` must not exceed size().
  void shrink_to(std::size_t size) { size_ = size; }

  ByteView view() const { return {data_.get(), size_}; }
  operator ByteView() const { return view(); }
  std::span<std::uint8_t> mutable_view() { return {data_.get(), size_}; }

 private:
  std::unique_ptr<std::uint8_t[]> data_;
  std::size_t size_ = 0;
};

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace tintype
