#include "gateway/small_body.h"

#include <format>

#include "gateway/problem.h"

namespace tintype {
namespace {

class CollectingSink final : public http::BodySink {
 public:
  CollectingSink(std::size_t max_bytes, std::function<http::Response(const std::string&)> use)
      : max_bytes_(max_bytes), use_(std::move(use)) {}

  std::optional<http::Response> write(ByteView piece) override {
    if (body_.size() + piece.size() > max_bytes_) {
      return problem_response(
          Problem{{ErrorCode::kInvalidArgument, std::format("the body is over {} bytes", max_bytes_)}, 413, {}, {}});
    }
    body_ += as_text(piece);
    return {};
  }
  http::Response finish() override { return use_(body_); }

 private:
  std::size_t max_bytes_;
  std::function<http::Response(const std::string&)> use_;
  std::string body_;
};

}  // namespace

std::unique_ptr<http::BodySink> collect_body(std::size_t max_bytes,
                                             std::function<http::Response(const std::string&)> use) {
  return std::make_unique<CollectingSink>(max_bytes, std::move(use));
}

}  // namespace tintype
