#include "gateway/http/request_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>
#include <format>

#include "gateway/http/server.h"

namespace tintype::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using Text = boost::beast::string_view;

Refusal to_refusal(const error_code& error) {
  if (error == beast_http::error::header_limit) {
    return {431, std::format("the request's head is over {} bytes; send fewer or shorter headers", kMaxHeadBytes)};
  }
  if (error == beast_http::error::bad_version) return {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  return {400, std::format("not an HTTP request: {}", error.message())};
}

}  // namespace

class RequestParser::Impl final : public beast_http::basic_parser<true> {
 public:
  Impl() {
    header_limit(kMaxHeadBytes);
    body_limit(boost::none);  // the server's own limit knows more
  }

  std::expected<std::size_t, Refusal> feed(std::string_view input) {
    error_code error;
    const std::size_t consumed = put(boost::asio::const_buffer(input.data(), input.size()), error);
    if (error && error != beast_http::error::need_more) return std::unexpected(to_refusal(error));
    return consumed;
  }

  void set_output(std::span<std::uint8_t> out) {
    out_ = out;
    produced_ = 0;
  }
  std::size_t produced() const { return produced_; }

  Request request;
  int version = 11;

 private:
  void on_request_impl(beast_http::verb, Text method, Text target, int http_version, error_code&) override {
    request.method = std::string(method);
    request.target = std::string(target);
    version = http_version;
  }
  void on_response_impl(int, Text, int, error_code&) override {}
  void on_field_impl(beast_http::field, Text name, Text value, error_code&) override {
    // Trailers come here too: nothing we read may stand behind the body.
    if (!is_header_done()) request.headers.push_back({std::string(name), std::string(value)});
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(Text body, error_code&) override { return keep(body); }
  void on_chunk_header_impl(std::uint64_t, Text, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, error_code&) override { return keep(body); }
  void on_finish_impl(error_code&) override {}

  std::size_t keep(Text body) {
    const std::size_t size = std::min(body.size(), out_.size() - produced_);
    if (size > 0) std::memcpy(out_.data() + produced_, body.data(), size);
    produced_ += size;
    return size;
  }

  std::span<std::uint8_t> out_;
  std::size_t produced_ = 0;
};

RequestParser::RequestParser() : impl_(std::make_unique<Impl>()) {}
RequestParser::~RequestParser() = default;

std::expected<RequestParser::Step, Refusal> RequestParser::read_head(std::string_view input) {
  const auto consumed = impl_->feed(input);
  if (!consumed) return std::unexpected(consumed.error());
  Step step{.consumed = *consumed, .produced = 0, .done = impl_->is_header_done()};
  if (!step.done) {
    if (input.size() - step.consumed >= kMaxHeadBytes)
      return std::unexpected(to_refusal(beast_http::error::header_limit));
    return step;
  }
  Request& request = impl_->request;
  request.chunked = impl_->chunked();
  if (const auto length = impl_->content_length()) request.content_length = *length;
  if (request.find_header("Transfer-Encoding") &&
      !(request.chunked && equal_ignoring_case(request.header("Transfer-Encoding"), "chunked"))) {
    return std::unexpected(Refusal{501, "the only transfer coding taken is 'chunked'"});
  }
  if (const auto* expect = request.find_header("Expect"); expect && !equal_ignoring_case(*expect, "100-continue")) {
    return std::unexpected(Refusal{417, "the only expectation met is '100-continue'"});
  }
  const std::size_t hosts = request.count_headers("Host");
  if (hosts > 1 || (hosts == 0 && !is_http_1_0())) {
    return std::unexpected(Refusal{400, "a request needs exactly one Host header"});
  }
  return step;
}

Request RequestParser::take_request() { return std::move(impl_->request); }
bool RequestParser::wants_keep_alive() const { return impl_->keep_alive(); }
bool RequestParser::is_http_1_0() const { return impl_->version < 11; }
bool RequestParser::expects_continue() const {
  return !is_http_1_0() && impl_->request.find_header("Expect") != nullptr;
}

std::expected<RequestParser::Step, Refusal> RequestParser::read_chunked(std::string_view input,
                                                                        std::span<std::uint8_t> out) {
  impl_->set_output(out);
  Step step;
  while (!step.done) {
    if (impl_->produced() == out.size() && !out.empty()) break;
    const auto consumed = impl_->feed(input.substr(step.consumed));
    if (!consumed) return std::unexpected(consumed.error());
    step.consumed += *consumed;
    step.done = impl_->is_done();
    if (*consumed == 0 && !step.done) break;
  }
  step.produced = impl_->produced();
  return step;
}

}  // namespace tintype::http
