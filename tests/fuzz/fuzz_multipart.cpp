// Forms: however a body is cut into pieces, the same parts come out, and they hold what the body held.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gateway/http/header_value.h"
#include "gateway/http/multipart.h"

namespace {

using namespace tintype;

void must(bool holds) {
  if (!holds) std::abort();
}

class Seen final : public http::MultipartListener {
 public:
  std::string text;
  std::size_t bytes = 0;
  bool in_part = false;

  Status on_part(const std::vector<http::Header>& headers) override {
    must(!in_part);
    in_part = true;
    text += "part\n";
    for (const http::Header& header : headers) {
      must(!header.name.empty() && !header.name.contains(':'));
      text += header.name + ":" + header.value + "\n";
    }
    return {};
  }
  Status on_data(ByteView data) override {
    must(in_part);
    bytes += data.size();
    text += as_text(data);
    return {};
  }
  Status on_part_end() override {
    must(in_part);
    in_part = false;
    text += "end\n";
    return {};
  }
};

std::string parse(std::string_view body, std::size_t step) {
  Seen seen;
  http::MultipartParser parser("b", seen);
  for (std::size_t at = 0; at < body.size(); at += step) {
    if (!parser.write(as_bytes(body.substr(at, step)))) return "refused";
  }
  must(seen.bytes <= body.size());
  return parser.finish() ? "whole\n" + seen.text : "unfinished";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string whole = parse(text, size + 1);
  must(parse(text, 1) == whole);
  must(parse(text, 5) == whole);
  if (const auto value = http::parse_header_value(text)) must(!value->value.empty());
  if (const auto boundary = http::multipart_boundary(text)) must(!boundary->empty() && boundary->size() <= 70);
  return 0;
}
