#include "core/base/signature.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

std::string from_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

// RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
TEST(Signature, HmacIsTheRfcs) {
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes(std::string(20, '\x0b')), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      to_hex(hmac_sha256(as_bytes(std::string(131, '\xaa')), "Test Using Larger Than Block-Size Key - Hash Key First")),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// The vector that imgproxy publishes for its URL signatures.
TEST(Signature, SignsAsImgproxyDoes) {
  EXPECT_EQ(signature_of(as_bytes(from_hex("736563726574")), from_hex("68656C6C6F"),
                         "/rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png"),
            "oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8");
}

// RFC 4648, 10, in the URL's alphabet and without padding.
TEST(Signature, Base64UrlBothWays) {
  const std::pair<std::string, std::string> kPairs[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};
  for (const auto& [plain, text] : kPairs) {
    EXPECT_EQ(to_base64url(as_bytes(plain)), text);
    const auto back = from_base64url(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(as_text(*back), plain);
  }
  // Padding, the other alphabet, lone digits, and bits that no byte needs.
  for (const char* bad : {"Zg==", "-/8", "+_8", "Z", "Zm9vY", "Zh", "Zm9", "Z g", "Zg\n"}) {
    EXPECT_FALSE(from_base64url(bad)) << bad;
  }
}

TEST(Signature, Base64IsPadded) {
  EXPECT_EQ(to_base64(as_bytes("")), "");
  EXPECT_EQ(to_base64(as_bytes("f")), "Zg==");
  EXPECT_EQ(to_base64(as_bytes("foobar")), "Zm9vYmFy");
  EXPECT_EQ(to_base64(as_bytes("\xfb\xff")), "+/8=");
}

TEST(Signature, EqualityIsOfTheWhole) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
  EXPECT_FALSE(equal_in_constant_time("", "a"));
}

TEST(Signature, RandomBytesDiffer) { EXPECT_NE(as_text(random_bytes(32)), as_text(random_bytes(32))); }

}  // namespace
}  // namespace tintype
