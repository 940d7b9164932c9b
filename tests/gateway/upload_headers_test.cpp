#include "gateway/photos/upload_headers.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

TEST(FileName, IsTheLastPartWithoutControlCharacters) {
  EXPECT_EQ(parse_file_name("a/b\\c.jpg").value(), "c.jpg");
  EXPECT_EQ(parse_file_name("a\x01\x7f.jpg").value(), "a__.jpg");
  EXPECT_EQ(parse_file_name("").value(), "");
  EXPECT_EQ(parse_file_name("dir/").value(), "");
  EXPECT_EQ(parse_file_name(std::string(255, 'a')).value().size(), 255u);
  EXPECT_FALSE(parse_file_name(std::string(256, 'a')));
  EXPECT_FALSE(parse_file_name("\xFF"));
}

// The digest of "hello world", as RFC 9530 writes it.
constexpr const char* kHello = "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=";

TEST(ReprDigest, ReadsSha256) {
  const auto found = parse_repr_digest(std::string("sha-256=:") + kHello + ":");
  ASSERT_TRUE(found);
  ASSERT_TRUE(*found);
  EXPECT_EQ(**found, sha256(as_bytes("hello world")));
  const auto among_others = parse_repr_digest(std::string("md5=:AA==: ,  sha-256=:") + kHello + ":");
  ASSERT_TRUE(among_others);
  EXPECT_EQ(*among_others, *found);
}

TEST(ReprDigest, PassesOverOtherAlgorithms) {
  EXPECT_FALSE(parse_repr_digest("sha-512=:AA==:").value());
  EXPECT_FALSE(parse_repr_digest("").value());
}

TEST(ReprDigest, RefusesWhatIsNoDigest) {
  const std::string good = kHello;
  for (const std::string& header :
       {std::string("sha-256"), "sha-256=" + good, "sha-256=:" + good, "sha-256=:" + good + ":,",
        "sha-256=:" + good + ":x", std::string("sha-256=::"), "sha-256=:" + good.substr(1) + ":",
        "sha-256=:" + good + "A:", "sha-256=:" + good.substr(0, 42) + "l=:",  // two bits too many
        "sha-256=:" + good.substr(0, 43) + "!:", "sha-256=:!" + good.substr(1) + ":"}) {
    EXPECT_FALSE(parse_repr_digest(header)) << header;
  }
}

TEST(IdempotencyKey, IsVisibleAscii) {
  EXPECT_EQ(parse_idempotency_key("a-1:\"x\"").value(), "a-1:\"x\"");
  EXPECT_FALSE(parse_idempotency_key(""));
  EXPECT_FALSE(parse_idempotency_key("a b"));
  EXPECT_FALSE(parse_idempotency_key("\xC3\xA9"));
  EXPECT_FALSE(parse_idempotency_key(std::string(256, 'a')));
}

TEST(TraceId, IsTakenFromTheRequestOrMade) {
  EXPECT_EQ(trace_id_of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), "0af7651916cd43dd8448eb211c80319c");
  for (const char* header : {"", "00-short", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                             "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"}) {
    const std::string made = trace_id_of(header);
    EXPECT_EQ(made.size(), 32u);
    EXPECT_NE(made, trace_id_of(header));
  }
}

}  // namespace
}  // namespace tintype
