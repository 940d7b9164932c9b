#include "gateway/http/response_head.h"

#include <gtest/gtest.h>

namespace tintype::http {
namespace {

TEST(ResponseHead, StatesStatusLengthAndConnection) {
  Response response(404);
  response.set("X-One", "two");
  const std::string head = response_head(response, 12, ConnectionWord::kClose);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 404 Not Found\r\nDate: "));
  EXPECT_TRUE(head.contains(" GMT\r\nX-One: two\r\nContent-Length: 12\r\nConnection: close\r\n\r\n"));
}

TEST(ResponseHead, LetsNoValueAddAHeader) {
  Response response;
  response.set("Location", "/x\r\nSet-Cookie: a=b\r\n\r\n<script>");
  const std::string head = response_head(response, 0, ConnectionWord::kNone);
  EXPECT_FALSE(head.contains("\r\nSet-Cookie"));
  EXPECT_EQ(head.find("\r\n\r\n"), head.size() - 4);
}

TEST(ResponseHead, HasNoLengthWhereThereIsNoBody) {
  EXPECT_FALSE(response_head(Response(204), 0, ConnectionWord::kNone).contains("Content-Length"));
  EXPECT_FALSE(response_head(Response(304), 0, ConnectionWord::kNone).contains("Content-Length"));
  EXPECT_TRUE(response_head(Response(200), 0, ConnectionWord::kNone).contains("Content-Length: 0"));
}

}  // namespace
}  // namespace tintype::http
