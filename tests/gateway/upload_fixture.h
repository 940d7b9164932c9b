// What the tests of POST /v1/photos share.
#pragma once

#include <algorithm>
#include <format>
#include <string>

#include "core/base/digest.h"
#include "gateway/base64.h"
#include "tests/gateway/gateway_fixture.h"

namespace tintype {

inline std::string digest_header(const std::string& bytes) {
  return std::format("Repr-Digest: sha-256=:{}:\r\n", encode_base64(sha256(as_bytes(bytes))));
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
