// MultipartParser: a multipart body (RFC 2046, 7578) taken apart as it comes. No I/O; takes hostile bytes
// (fuzzed). Holds at most one part's headers or a delimiter's length of what is to come.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "gateway/http/message.h"

namespace tintype::http {

inline constexpr std::size_t kMaxPartHeadBytes = 8 << 10;

// The parts, in order. An Error ends the parsing and is what write() answers.
class MultipartListener {
 public:
  virtual ~MultipartListener() = default;
  virtual Status on_part(const std::vector<Header>& headers) = 0;
  virtual Status on_data(ByteView bytes) = 0;
  virtual Status on_part_end() = 0;
};

class MultipartParser {
 public:
  // `boundary` as the Content-Type names it; `listener` must outlive the parser.
  MultipartParser(std::string_view boundary, MultipartListener& listener);

  // kInvalidArgument for what is no multipart body.
  Status write(ByteView piece);
  // kInvalidArgument if the closing boundary has not come.
  Status finish() const;

 private:
  enum class State { kPreamble, kBoundary, kHead, kData, kEpilogue };

  // Takes one step in what is pending. False when more bytes are needed.
  Result<bool> step(std::string_view& rest);
  Result<bool> take_data(std::string_view& rest);
  Result<bool> take_boundary(std::string_view& rest);
  Result<bool> take_head(std::string_view& rest);

  const std::string delimiter_;  // "\r\n--boundary"
  MultipartListener& listener_;
  State state_ = State::kPreamble;
  std::string pending_ = "\r\n";  // so that a delimiter at the very start is one
};

// The boundary that a Content-Type names. kInvalidArgument unless it is multipart/form-data with a boundary
// of 1 to 70 visible characters.
Result<std::string> multipart_boundary(std::string_view content_type);

// True if the Content-Type is multipart/form-data, whatever its parameters.
bool is_multipart_form(std::string_view content_type);

}  // namespace tintype::http
