#include "gateway/http/request_parser.h"

#include <gtest/gtest.h>

#include <format>

#include "gateway/http/server.h"

namespace tintype::http {
namespace {

int status_of(std::string_view head) {
  RequestParser parser;
  const auto step = parser.read_head(head);
  return step ? (step->done ? 200 : 100) : step.error().status;
}

std::string with_headers(std::string_view headers) {
  return std::format("POST /x HTTP/1.1\r\nHost: h\r\n{}\r\n", headers);
}

TEST(RequestParser, ReadsARequestByteByByte) {
  const std::string text = "POST /a?b=c HTTP/1.1\r\nHost: h:1\r\nX-One:  two \r\nContent-Length: 12\r\n\r\nbody";
  RequestParser parser;
  std::size_t consumed = 0;
  bool done = false;
  for (std::size_t have = 1; have <= text.size() && !done; ++have) {
    const auto step = parser.read_head(std::string_view(text).substr(consumed, have - consumed));
    ASSERT_TRUE(step) << step.error().detail;
    consumed += step->consumed;
    done = step->done;
  }
  ASSERT_TRUE(done);
  EXPECT_EQ(text.substr(consumed), "body");
  EXPECT_TRUE(parser.wants_keep_alive());
  EXPECT_FALSE(parser.expects_continue());
  const Request request = parser.take_request();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/a?b=c");
  EXPECT_EQ(request.header("x-ONE"), "two");
  EXPECT_EQ(request.content_length, 12u);
  EXPECT_FALSE(request.chunked);
}

TEST(RequestParser, KeepsAnUnknownMethodAsItIs) {
  RequestParser parser;
  ASSERT_TRUE(parser.read_head("BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(parser.take_request().method, "BREW");
}

TEST(RequestParser, KnowsWhenTheConnectionEnds) {
  for (const auto& [head, keeps] : {std::pair{"GET / HTTP/1.1\r\nHost: h\r\n\r\n", true},
                                    {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false},
                                    {"GET / HTTP/1.0\r\n\r\n", false},
                                    {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true}}) {
    RequestParser parser;
    ASSERT_TRUE(parser.read_head(head)) << head;
    EXPECT_EQ(parser.wants_keep_alive(), keeps) << head;
  }
}

// What smuggles a second request past a proxy, or means two things.
TEST(RequestParser, RefusesTwoMeanings) {
  EXPECT_EQ(status_of(with_headers("Content-Length: 1\r\nContent-Length: 2\r\n")), 400);
  EXPECT_EQ(status_of(with_headers("Content-Length: 1, 2\r\n")), 400);
  EXPECT_EQ(status_of(with_headers("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(status_of(with_headers("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n")), 400);
  EXPECT_EQ(status_of(with_headers("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(status_of(with_headers("Host: other\r\n")), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
}

TEST(RequestParser, RefusesBrokenHeads) {
  for (const char* headers :
       {"Content-Length: -1\r\n", "Content-Length: 1x\r\n", "Content-Length: \r\n",
        "Content-Length: 99999999999999999999\r\n", "Name : v\r\n", "N\x01me: v\r\n", "novalue\r\n", "N: a\x01\r\n"}) {
    EXPECT_EQ(status_of(with_headers(headers)), 400) << headers;
  }
  EXPECT_EQ(status_of("GET  / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 505);
  EXPECT_EQ(status_of("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"), 400);  // a TLS greeting
}

TEST(RequestParser, RefusesCodingsAndExpectationsItDoesNotKnow) {
  EXPECT_EQ(status_of(with_headers("Transfer-Encoding: gzip\r\n")), 501);
  EXPECT_EQ(status_of(with_headers("Transfer-Encoding: gzip, chunked\r\n")), 501);
  EXPECT_EQ(status_of(with_headers("Expect: a-miracle\r\n")), 417);
  EXPECT_EQ(status_of(with_headers("Expect: 100-Continue\r\n")), 200);
}

TEST(RequestParser, RefusesALongHead) {
  EXPECT_EQ(status_of(with_headers("A: " + std::string(kMaxHeadBytes - 100, 'a') + "\r\n")), 200);
  EXPECT_EQ(status_of(with_headers("A: " + std::string(kMaxHeadBytes, 'a') + "\r\n")), 431);
  EXPECT_EQ(status_of("GET /" + std::string(kMaxHeadBytes, 'a')), 431);
}

// The body of `text` after its head, decoded with `room` bytes of output and `step` bytes of input at a time;
// "refused" if it was.
std::string decode(std::string_view text, std::size_t room, std::size_t step) {
  RequestParser parser;
  const auto head = parser.read_head(text);
  if (!head || !head->done) return "no head";
  std::string_view rest = text.substr(head->consumed);
  std::string out;
  std::vector<std::uint8_t> piece(room);
  std::size_t given = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto got = parser.read_chunked(rest.substr(0, given), piece);
    if (!got) return "refused";
    out.append(reinterpret_cast<const char*>(piece.data()), got->produced);
    rest.remove_prefix(got->consumed);
    given -= got->consumed;
    if (got->done) return out + "|" + std::string(rest);
    if (got->consumed == 0 && got->produced == 0) {
      if (given == rest.size()) return out + "|unfinished";
      given = std::min(rest.size(), given + step);
    }
  }
  return "endless";
}

TEST(RequestParser, DecodesChunksHoweverTheyAreCut) {
  const std::string text =
      with_headers("Transfer-Encoding: chunked\r\n") +
      "5;name=value\r\nhello\r\n1\r\n \r\n00005\r\nworld\r\n0\r\nTrailer: x\r\nHost: evil\r\n\r\nGET /";
  for (const std::size_t room : {1u, 3u, 64u}) {
    for (const std::size_t step : {1u, 2u, 7u, 500u}) EXPECT_TRUE(decode(text, room, step).starts_with("hello world|"));
  }
  EXPECT_EQ(decode(text, 64, 500), "hello world|GET /");
}

TEST(RequestParser, RefusesBrokenChunks) {
  const std::string head = with_headers("Transfer-Encoding: chunked\r\n");
  for (const char* body :
       {"x\r\n", "-5\r\nhello\r\n", "5\r\nhelloworld\r\n", "11111111111111111\r\n", "5 5\r\nhello\r\n"}) {
    EXPECT_EQ(decode(head + body, 64, 500), "refused") << body;
  }
  EXPECT_EQ(decode(head + "5\r\nhel", 64, 500), "hel|unfinished");
}

TEST(RequestParser, TakesNoHeaderFromBehindTheBody) {
  RequestParser parser;
  const std::string text = with_headers("Transfer-Encoding: chunked\r\n") + "0\r\nTintype-Owner: eve\r\n\r\n";
  const auto head = parser.read_head(text);
  ASSERT_TRUE(head);
  std::vector<std::uint8_t> piece(16);
  ASSERT_TRUE(parser.read_chunked(std::string_view(text).substr(head->consumed), piece));
  EXPECT_EQ(parser.take_request().find_header("Tintype-Owner"), nullptr);
}

}  // namespace
}  // namespace tintype::http
