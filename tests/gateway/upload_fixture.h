// What the tests of POST /v1/photos share.
#pragma once

#include <algorithm>
#include <format>
#include <string>

#include "core/base/digest.h"
#include "tests/gateway/gateway_fixture.h"

namespace tintype {

inline std::string base64(ByteView bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < have ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= have ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

inline std::string digest_header(const std::string& bytes) {
  return std::format("Repr-Digest: sha-256=:{}:\r\n", base64(sha256(as_bytes(bytes))));
}

class Upload : public GatewayTest {
 protected:
  // Nothing of an upload is left anywhere.
  void expect_nothing() {
    EXPECT_TRUE(soon([&] { return blob_keys().empty(); }));
    EXPECT_EQ(photos_of(), 0u);
    EXPECT_TRUE(take_jobs().empty());
    EXPECT_TRUE(store.jobs->list({})->records.empty());
  }
  Answer post(const std::string& query, const std::string& headers, const std::string& body) {
    return ask({.method = "POST", .target = "/v1/photos" + query, .headers = headers, .body = body});
  }
};

}  // namespace tintype
