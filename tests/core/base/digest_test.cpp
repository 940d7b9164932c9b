#include "core/base/digest.h"

#include <gtest/gtest.h>

#include <string>

namespace tintype {
namespace {

TEST(DigestTest, KnownAnswers) {  // FIPS 180-4 examples
  EXPECT_EQ(to_hex(sha256(as_bytes(""))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(DigestTest, PiecesMakeTheWhole) {
  const std::string text(100'000, 'x');
  Sha256Stream stream;
  std::size_t at = 0;
  for (std::size_t piece = 0; at < text.size(); ++piece) {
    const std::size_t size = std::min(piece, text.size() - at);
    stream.update(as_bytes(std::string_view(text).substr(at, size)));
    at += size;
  }
  Sha256Stream moved = std::move(stream);
  EXPECT_EQ(moved.finish(), sha256(as_bytes(text)));
}

TEST(DigestTest, HexIsLowerCaseAndWhole) {
  const std::uint8_t bytes[] = {0x00, 0x0f, 0xa0, 0xff};
  EXPECT_EQ(to_hex(bytes), "000fa0ff");
  EXPECT_EQ(to_hex({}), "");
}

}  // namespace
}  // namespace tintype
