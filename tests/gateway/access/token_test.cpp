#include "gateway/access/token.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/base/ids.h"
#include "gateway/access/access_book.h"

namespace tintype {
namespace {

constexpr UnixMs kNow = 1'800'000'000'000;

AccessBook book_with(const Token& token) {
  AccessBook book;
  book.keys.push_back(make_signing_key(book, kNow));
  book.tokens.push_back({.token = token, .made_at_ms = kNow});
  return book;
}

Token sample() {
  return {SortableId::make(kNow).to_string(), "alice", parse_scopes("read,write").value(), kNow + 1000};
}

std::string text_of(const AccessBook& book) {
  return token_text(book.tokens[0].token, book.newest_key().id, book.newest_key().secret);
}

TEST(Tokens, TheWholeOfOneHolds) {
  const AccessBook book = book_with(sample());
  const std::string text = text_of(book);
  const auto record = book.check_token(text, kNow);
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->token.owner, "alice");
  EXPECT_TRUE(record->token.scopes.has(Scope::kWrite));
  EXPECT_FALSE(record->token.scopes.has(Scope::kAdmin));
  // What a URL, a header and a shell take as it is.
  EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"), text.npos);
}

TEST(Tokens, NoOtherByteDoes) {
  const AccessBook book = book_with(sample());
  const std::string text = text_of(book);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'0', 'a', 'Z', '.', '\0'}) {
      std::string forged = text;
      if (forged[i] == c) continue;
      forged[i] = c;
      EXPECT_FALSE(book.check_token(forged, kNow)) << forged;
    }
    EXPECT_FALSE(book.check_token(text.substr(0, i), kNow)) << i;
  }
  EXPECT_FALSE(book.check_token(text + "A", kNow));
  EXPECT_FALSE(book.check_token(text + ".", kNow));
}

TEST(Tokens, ScopeAndOwnerAreSigned) {
  const AccessBook book = book_with(sample());
  std::string text = text_of(book);
  const std::string raised = std::string(text).replace(text.find(".rw."), 4, ".rwa.");
  EXPECT_FALSE(book.check_token(raised, kNow));
  const std::string other = std::string(text).replace(text.find(".alice."), 7, ".bobby.");
  EXPECT_FALSE(book.check_token(other, kNow));
}

TEST(Tokens, ExpiryRevocationAndTheBookEndIt) {
  AccessBook book = book_with(sample());
  const std::string text = text_of(book);
  EXPECT_TRUE(book.check_token(text, kNow + 999));
  const auto late = book.check_token(text, kNow + 1000);
  ASSERT_FALSE(late);
  EXPECT_TRUE(late.error().message.contains("expired"));
  book.tokens[0].revoked_at_ms = kNow;
  EXPECT_TRUE(book.check_token(text, kNow).error().message.contains("revoked"));
  book.tokens.clear();
  EXPECT_FALSE(book.check_token(text, kNow));
}

TEST(Tokens, OldKeysVerifyUntilTheyAreDropped) {
  AccessBook book = book_with(sample());
  const std::string text = text_of(book);
  book.keys.push_back(make_signing_key(book, kNow));
  EXPECT_NE(book.keys[0].id, book.keys[1].id);
  EXPECT_NE(book.keys[0].secret, book.keys[1].secret);
  EXPECT_TRUE(book.check_token(text, kNow));
  EXPECT_NE(text_of(book), text);
  book.keys.erase(book.keys.begin());
  EXPECT_FALSE(book.check_token(text, kNow));
  EXPECT_TRUE(book.check_token(text_of(book), kNow));
  EXPECT_NE(make_signing_key(book, kNow).id, "k1") << "a dropped key's name must not come back";
}

TEST(Tokens, TextThatIsNone) {
  for (const char* text : {"", ".", "......", "tt1", "tt1.k1.x.alice.r.1.s", "tt1.k1.01jd5c0000000.alice..1.s",
                           "tt1.k1.01jd5c0000000.alice.wr.1.s", "tt1.k1.01jd5c0000000.al ice.r.1.s",
                           "tt1.k1.01jd5c0000000.alice.r.-1.s", "tt1.k1.01jd5c0000000.alice.r.1x.s",
                           "tt1.k1.01jd5c0000000.alice.r.99999999999999999999.s", "tt2.k1.01jd5c0000000.alice.r.1.s"}) {
    EXPECT_FALSE(read_token(text)) << text;
  }
}

TEST(Tokens, Scopes) {
  EXPECT_EQ(to_string(parse_scopes("admin,read").value()), "read,admin");
  for (const char* bad : {"", "r", "read,", ",read", "read write", "all"}) {
    const auto scopes = parse_scopes(bad);
    EXPECT_EQ(scopes.has_value(), std::string_view(bad) == "read,") << bad;
  }
}

TEST(AccessBookText, ReadsBack) {
  AccessBook book = book_with(sample());
  book.tokens[0].note = "the \"phone\"";
  book.tokens[0].limits = {2.5, 1000, 3};
  book.tokens[0].revoked_at_ms = kNow + 5;
  const auto back = parse_access_book(to_json(book));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->keys[0].secret, book.keys[0].secret);
  EXPECT_EQ(back->tokens[0].note, book.tokens[0].note);
  EXPECT_EQ(back->tokens[0].limits, book.tokens[0].limits);
  EXPECT_EQ(back->tokens[0].revoked_at_ms, kNow + 5);
  EXPECT_EQ(text_of(*back), text_of(book));
}

TEST(AccessBookText, WhatIsNoBookIsRefused) {
  const AccessBook book = book_with(sample());
  std::string weak = to_json(book);
  weak.replace(weak.find("\"secret\": \"") + 11, 20, "");
  for (const std::string& text : {std::string(), std::string("{}"), std::string("[]"), to_json(AccessBook{}), weak,
                                  std::string(R"({"version":2,"keys":[],"tokens":[]})")}) {
    EXPECT_FALSE(parse_access_book(text)) << text;
  }
}

}  // namespace
}  // namespace tintype
