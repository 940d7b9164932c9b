#include "gateway/access/signed_path.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

constexpr UnixMs kNow = 1'800'000'000'000;

SignedPathParts parts_of(std::string_view path) {
  std::vector<std::string> parts;
  path.remove_prefix(3);  // "/s/"
  while (true) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    parts.emplace_back(path.substr(0, slash));
    if (slash == path.size()) break;
    path.remove_prefix(slash + 1);
  }
  return {parts.at(0), parts.at(1), parts.at(2), parts.at(3), parts.at(4), parts.at(5), parts.at(6)};
}

class SignedPaths : public testing::Test {
 protected:
  SignedPaths() { book.keys.push_back(make_signing_key(book, kNow)); }
  AccessBook book;
  SignedPicture picture{"alice", SortableId::make(kNow), 3, "256.webp", kNow / 1000 + 60};
};

TEST_F(SignedPaths, ReadBackWhatWasSigned) {
  const auto read = check_signed_path(book, parts_of(signed_path(book, picture)), kNow);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->owner, "alice");
  EXPECT_EQ(read->photo, picture.photo);
  EXPECT_EQ(read->revision, 3u);
  EXPECT_EQ(read->name, "256.webp");
}

TEST_F(SignedPaths, AnyOtherPartIsRefused) {
  const SignedPathParts good = parts_of(signed_path(book, picture));
  for (auto part :
       {&SignedPathParts::signature, &SignedPathParts::key_id, &SignedPathParts::expires, &SignedPathParts::owner,
        &SignedPathParts::photo, &SignedPathParts::revision, &SignedPathParts::name}) {
    for (const char* change : {"0", "/", ""}) {
      SignedPathParts forged = good;
      forged.*part = std::string_view(change).empty() ? "" : forged.*part + change;
      EXPECT_FALSE(check_signed_path(book, forged, kNow)) << forged.*part;
    }
  }
  // What stands left and right of a slash cannot change sides.
  SignedPathParts moved = good;
  moved.owner = good.owner + "/" + good.photo;
  moved.photo = "";
  EXPECT_FALSE(check_signed_path(book, moved, kNow));
}

TEST_F(SignedPaths, EndWithTheirTimeAndTheirKey) {
  const SignedPathParts parts = parts_of(signed_path(book, picture));
  EXPECT_TRUE(check_signed_path(book, parts, kNow + 59'999));
  EXPECT_TRUE(check_signed_path(book, parts, kNow + 60'000).error().message.contains("expired"));
  book.keys.push_back(make_signing_key(book, kNow));
  EXPECT_TRUE(check_signed_path(book, parts, kNow)) << "rotation keeps what was signed before";
  EXPECT_EQ(parts_of(signed_path(book, picture)).key_id, "k2");
  book.keys.erase(book.keys.begin());
  EXPECT_FALSE(check_signed_path(book, parts, kNow));
}

TEST_F(SignedPaths, ATokenIsNoSignature) {
  // The same key signs both: each with a salt of its own.
  const SignedPathParts parts = parts_of(signed_path(book, picture));
  const std::string text =
      token_text({SortableId::make(kNow).to_string(), "alice", Scopes::all(), kNow}, "k1", book.keys[0].secret);
  SignedPathParts forged = parts;
  forged.signature = text.substr(text.rfind('.') + 1);
  EXPECT_FALSE(check_signed_path(book, forged, kNow));
}

TEST(SignedPathExpiry, StaysTheSameForAWhile) {
  const std::int64_t hour = 3600;
  int changes = 0;
  std::int64_t before = expiry_after(kNow, hour);
  for (UnixMs now = kNow; now < kNow + 3'600'000; now += 10'000) {
    const std::int64_t expiry = expiry_after(now, hour);
    EXPECT_GE(expiry, now / 1000 + hour);
    EXPECT_LE(expiry, now / 1000 + hour + hour / 4);
    changes += expiry != before;
    before = expiry;
  }
  EXPECT_EQ(changes, 4);
}

}  // namespace
}  // namespace tintype
