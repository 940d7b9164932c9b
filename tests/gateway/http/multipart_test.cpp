#include "gateway/http/multipart.h"

#include <gtest/gtest.h>

#include <format>

#include "gateway/http/header_value.h"

namespace tintype::http {
namespace {

// What the parser saw: "{headers}data" for each part.
class Seen final : public MultipartListener {
 public:
  std::string text;

  Status on_part(const std::vector<Header>& headers) override {
    text += "{";
    for (const Header& header : headers) text += header.name + "=" + header.value + ";";
    text += "}";
    return {};
  }
  Status on_data(ByteView bytes) override {
    text += as_text(bytes);
    return {};
  }
  Status on_part_end() override {
    text += "|";
    return {};
  }
};

// The body in pieces of `step` bytes.
std::string parse(std::string_view body, std::size_t step, std::string_view boundary = "b") {
  Seen seen;
  MultipartParser parser(boundary, seen);
  for (std::size_t at = 0; at < body.size(); at += step) {
    if (const Status status = parser.write(as_bytes(body.substr(at, step))); !status) return "refused";
  }
  return parser.finish() ? seen.text : "unfinished";
}

void expect_parsed(std::string_view body, std::string_view expected) {
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}, body.size()}) {
    EXPECT_EQ(parse(body, step), expected) << "in pieces of " << step << ": " << body;
  }
}

TEST(Multipart, TakesPartsApartHoweverTheyCome) {
  expect_parsed("--b\r\nA: 1\r\nB:2\r\n\r\ndata\r\n--b\r\nC:  3\r\n\r\nmore\r\n--b--\r\n",
                "{A=1;B=2;}data|{C=3;}more|");
  expect_parsed("preamble\r\n--b\r\nA: 1\r\n\r\nx\r\n--b--epilogue\r\n--b\r\n", "{A=1;}x|");
  expect_parsed("--b\r\n\r\nno headers\r\n--b--", "{}no headers|");
  expect_parsed("--b\r\nA: 1\r\n\r\n\r\n--b--", "{A=1;}|");
  expect_parsed("--b  \t\r\nA: 1\r\n\r\nx\r\n--b--", "{A=1;}x|");
  expect_parsed("--b--", "");
}

TEST(Multipart, DataMayLookLikeABoundary) {
  expect_parsed("--b\r\nA: 1\r\n\r\n\r\n--\r\n-b\r\n--a\r\r\n--b--", "{A=1;}\r\n--\r\n-b\r\n--a\r|");
}

TEST(Multipart, RefusesWhatIsBroken) {
  expect_parsed("--b\r\nno header\r\n\r\nx\r\n--b--", "refused");
  expect_parsed("--b\r\n: 1\r\n\r\nx\r\n--b--", "refused");
  expect_parsed("--b\r\nA : 1\r\n\r\nx\r\n--b--", "refused");
  expect_parsed("--b\r\nA: 1\r\n folded\r\n\r\nx\r\n--b--", "refused");
  expect_parsed("--bc\r\nA: 1\r\n\r\nx\r\n--b--", "refused");
  expect_parsed("--b" + std::string(100, ' ') + "\r\nA: 1\r\n\r\nx\r\n--b--", "refused");
  expect_parsed("--b\r\nA: " + std::string(kMaxPartHeadBytes, 'x') + "\r\n\r\nx\r\n--b--", "refused");
  expect_parsed("--b\r\n" + std::string(3 * kMaxPartHeadBytes, 'x'), "refused");
}

TEST(Multipart, SaysWhenTheEndIsMissing) {
  const std::string_view body = "--b\r\nA: 1\r\n\r\ndata\r\n--b--";
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_EQ(parse(body.substr(0, size), 3), "unfinished") << size;
  }
}

TEST(Multipart, FindsTheBoundary) {
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=abc").value(), "abc");
  EXPECT_EQ(multipart_boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b;c\"").value(), "a b;c");
  for (const std::string& wrong : std::vector<std::string>{
           "", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a",
           "multipart/mixed; boundary=a", "multipart/form-data; boundary=\"\"",
           "multipart/form-data; boundary=" + std::string(71, 'a'), "multipart/form-data; boundary=\"a\x01\""}) {
    EXPECT_FALSE(multipart_boundary(wrong)) << wrong;
  }
}

TEST(HeaderValue, ReadsParameters) {
  const auto value = parse_header_value(R"( Form-Data ; name="a\"b" ;filename="C:\dir\x.jpg"; x=y;)");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->value, "form-data");
  EXPECT_EQ(*value->find("name"), "a\"b");
  EXPECT_EQ(*value->find("filename"), R"(C:\dir\x.jpg)");
  EXPECT_EQ(*value->find("x"), "y");
  EXPECT_EQ(value->find("z"), nullptr);
  for (const char* wrong : {"", ";", "a; b", "a; =c", "a; b=", "a; b=\"c", "a; b=c d", "a; b=\"c\"d"}) {
    EXPECT_FALSE(parse_header_value(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace tintype::http
