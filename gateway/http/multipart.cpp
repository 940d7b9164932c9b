#include "gateway/http/multipart.h"

#include <algorithm>
#include <format>

#include "gateway/http/header_value.h"

namespace tintype::http {
namespace {

constexpr std::string_view kFormType = "multipart/form-data";
constexpr std::size_t kMaxBoundaryBytes = 70;
constexpr std::size_t kMaxPadding = 64;  // blanks behind a boundary

std::unexpected<Error> broken(std::string why) {
  return fail(ErrorCode::kInvalidArgument, std::format("the multipart body is broken: {}", why));
}

Result<std::vector<Header>> parse_head(std::string_view head) {
  std::vector<Header> headers;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    const std::size_t colon = line.find(':');
    if (colon == line.npos || colon == 0 || line.find_first_of(" \t") < colon)
      return broken("a part has a line that is no header");
    const std::size_t first = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
    headers.push_back({std::string(line.substr(0, colon)), std::string(line.substr(first))});
  }
  return headers;
}

}  // namespace

MultipartParser::MultipartParser(std::string_view boundary, MultipartListener& listener)
    : delimiter_(std::format("\r\n--{}", boundary)), listener_(listener) {}

Status MultipartParser::write(ByteView piece) {
  if (state_ == State::kEpilogue) return {};
  pending_ += as_text(piece);
  std::string_view rest = pending_;
  for (;;) {
    TT_ASSIGN(const bool went_on, step(rest));
    if (!went_on) break;
  }
  pending_.erase(0, pending_.size() - rest.size());
  return {};
}

Status MultipartParser::finish() const {
  if (state_ == State::kEpilogue) return {};
  return broken("it ends before its closing boundary");
}

Result<bool> MultipartParser::step(std::string_view& rest) {
  switch (state_) {
    case State::kPreamble:
    case State::kData:
      return take_data(rest);
    case State::kBoundary:
      return take_boundary(rest);
    case State::kHead:
      return take_head(rest);
    case State::kEpilogue:
      break;
  }
  rest = {};
  return false;
}

Result<bool> MultipartParser::take_data(std::string_view& rest) {
  const std::size_t at = rest.find(delimiter_);
  const bool ends = at != rest.npos;
  // What may be the start of a delimiter waits for the rest of it.
  const std::size_t size = ends ? at : rest.size() - std::min(rest.size(), delimiter_.size() - 1);
  if (state_ == State::kData) {
    if (size > 0) TT_TRY(listener_.on_data(as_bytes(rest.substr(0, size))));
    if (ends) TT_TRY(listener_.on_part_end());
  }
  rest.remove_prefix(ends ? at + delimiter_.size() : size);
  if (ends) state_ = State::kBoundary;
  return ends;
}

Result<bool> MultipartParser::take_boundary(std::string_view& rest) {
  if (rest.size() < 2) return false;
  if (rest.starts_with("--")) {
    state_ = State::kEpilogue;
    return true;
  }
  const std::size_t end = std::min(rest.find_first_not_of(" \t"), rest.size());
  if (end > kMaxPadding) return broken("too many blanks follow a boundary");
  if (rest.size() < end + 2) return false;
  if (rest.substr(end, 2) != "\r\n") return broken("something else than a line's end follows a boundary");
  // The line's end stays: a part without headers has its empty line right here.
  rest.remove_prefix(end);
  state_ = State::kHead;
  return true;
}

Result<bool> MultipartParser::take_head(std::string_view& rest) {
  const std::size_t end = rest.find("\r\n\r\n");
  if (std::min(end, rest.size()) > kMaxPartHeadBytes)
    return broken(std::format("a part's headers are over {} bytes", kMaxPartHeadBytes));
  if (end == rest.npos) return false;
  TT_ASSIGN(const auto headers, parse_head(end == 0 ? std::string_view() : rest.substr(2, end)));
  rest.remove_prefix(end + 4);
  state_ = State::kData;
  TT_TRY(listener_.on_part(headers));
  return true;
}

bool is_multipart_form(std::string_view content_type) {
  const auto type = parse_header_value(content_type.substr(0, content_type.find(';')));
  return type && type->value == kFormType;
}

Result<std::string> multipart_boundary(std::string_view content_type) {
  const auto type = parse_header_value(content_type);
  const std::string* boundary = type && type->value == kFormType ? type->find("boundary") : nullptr;
  const bool valid = boundary && !boundary->empty() && boundary->size() <= kMaxBoundaryBytes &&
                     std::ranges::all_of(*boundary, [](char c) { return c >= 0x20 && c < 0x7f; });
  if (!valid) {
    return fail(ErrorCode::kInvalidArgument,
                "Content-Type must read multipart/form-data; boundary=..., the boundary 1 to 70 visible characters");
  }
  return *boundary;
}

}  // namespace tintype::http
