// SHA-256, one shot and streaming (OpenSSL underneath).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace tintype {

using Sha256 = std::array<std::uint8_t, 32>;

class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;
  void update(ByteView bytes);
  // Ends the stream; call once.
  Sha256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Sha256 sha256(ByteView bytes);
std::string to_hex(ByteView bytes);

}  // namespace tintype
