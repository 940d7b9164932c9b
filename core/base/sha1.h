// SHA-1, streaming (OpenSSL underneath): for protocols that ask for it as a checksum. Never for trust.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "core/base/bytes.h"

namespace tintype {

using Sha1 = std::array<std::uint8_t, 20>;

class Sha1Stream {
 public:
  Sha1Stream();
  ~Sha1Stream();
  Sha1Stream(Sha1Stream&&) noexcept;
  Sha1Stream& operator=(Sha1Stream&&) noexcept;
  void update(ByteView bytes);
  // Ends the stream; call once.
  Sha1 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tintype
