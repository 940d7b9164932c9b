#include "gateway/http/response_head.h"

#include <ctime>
#include <format>

namespace tintype::http {
namespace {

struct StatusTitle {
  int status;
  std::string_view title;
};

constexpr StatusTitle kTitles[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {460, "Checksum Mismatch"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

// "Sun, 06 Nov 1994 08:49:37 GMT", made once a second.
std::string_view date_text() {
  thread_local std::time_t made_at = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    char buffer[40];
    text.assign(buffer, std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts));
    made_at = now;
  }
  return text;
}

void append_clean(std::string& out, std::string_view value) {
  for (const char c : value) out.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c);
}

}  // namespace

bool is_bodiless(int status) { return status < 200 || status == 204 || status == 304; }

std::string_view status_title(int status) {
  for (const StatusTitle& entry : kTitles) {
    if (entry.status == status) return entry.title;
  }
  return "Unknown";
}

std::string response_head(const Response& response, std::optional<std::uint64_t> content_length,
                          ConnectionWord connection) {
  std::string out;
  out.reserve(384);
  std::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                 status_title(response.status), date_text());
  for (const Header& header : response.headers) {
    append_clean(out, header.name);
    out += ": ";
    append_clean(out, header.value);
    out += "\r\n";
  }
  if (content_length && !is_bodiless(response.status)) {
    std::format_to(std::back_inserter(out), "Content-Length: {}\r\n", *content_length);
  }
  if (connection == ConnectionWord::kClose) out += "Connection: close\r\n";
  if (connection == ConnectionWord::kKeepAlive) out += "Connection: keep-alive\r\n";
  out += "\r\n";
  return out;
}

}  // namespace tintype::http
