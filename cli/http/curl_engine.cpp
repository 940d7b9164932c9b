#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <format>
#include <unordered_map>
#include <utility>

#include "cli/http/http_engine.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxBodyBytes = 64u << 20;
constexpr long kBufferBytes = 256 << 10;
constexpr long kMaxIdleSeconds = 45;  // below what servers commonly allow, so that reuse rarely meets a closed door
constexpr std::size_t kMaxSpareHandles = 32;

template <auto Free>
struct FreeWith {
  void operator()(auto* p) const { Free(p); }
};
using EasyHandle = std::unique_ptr<CURL, FreeWith<curl_easy_cleanup>>;
using MultiHandle = std::unique_ptr<CURLM, FreeWith<curl_multi_cleanup>>;
using HeaderList = std::unique_ptr<curl_slist, FreeWith<curl_slist_free_all>>;

struct Transfer {
  HttpEngine::RequestId id = 0;
  EasyHandle easy;
  HttpRequest request;
  HttpDone done;
  HeaderList headers;
  HttpAnswer answer;
  std::optional<Error> error;  // of a callback of ours
  bool started = false;

  bool is_success() {
    if (answer.status == 0) {
      long status = 0;
      curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
      answer.status = static_cast<int>(status);
    }
    return answer.status >= 200 && answer.status < 300;
  }

  // An answer may come before the upload's end, and the connection break for the rest of it: it still is the
  // answer.
  bool has_whole_answer() {
    curl_off_t length = -1;
    curl_easy_getinfo(easy.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    const bool whole = length >= 0 && static_cast<std::size_t>(length) == answer.body.size();
    return (!is_success() && answer.status >= 400) || (answer.status >= 200 && whole && !request.on_piece);
  }
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  if (transfer.is_success() && transfer.request.on_piece) {
    if (Status taken = transfer.request.on_piece(as_bytes({data, size})); !taken) {
      transfer.error = std::move(taken).error();
      return CURL_WRITEFUNC_ERROR;
    }
    return size;
  }
  if (transfer.answer.body.size() + size > kMaxBodyBytes) {
    transfer.error = Error{ErrorCode::kUnavailable, std::format("{} answers more than 64 MiB", transfer.request.url)};
    return CURL_WRITEFUNC_ERROR;
  }
  transfer.answer.body.append(data, size);
  return size;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const bool head_ends = std::string_view(data, size) == "\r\n";
  if (head_ends && transfer.request.on_start && !transfer.started) {
    long status = 0;
    curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300) {
      transfer.started = true;
      transfer.request.on_start();
    }
  }
  return size;
}

std::size_t on_read(char* data, std::size_t, std::size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  Result<std::size_t> got = transfer.request.upload->read(std::span(reinterpret_cast<std::uint8_t*>(data), size));
  if (!got) {
    transfer.error = std::move(got).error();
    return CURL_READFUNC_ABORT;
  }
  return *got;
}

Error transport_error(const std::string& url, CURLcode code) {
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
    return {ErrorCode::kInvalidArgument,
            std::format("{} is not an address of a farm: give one like http://127.0.0.1:8420", url)};
  }
  return {ErrorCode::kUnavailable, std::format("{} cannot be reached: {}", url, curl_easy_strerror(code))};
}

void set_up(Transfer& transfer) {
  CURL* easy = transfer.easy.get();
  HttpRequest& request = transfer.request;
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, kMaxIdleSeconds);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(request.connect_timeout.count()));
  if (request.stall_timeout.count() > 0) {
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall_timeout.count()));
  }
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kBufferBytes);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);

  if (request.upload) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.upload->size));
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, kBufferBytes);
  } else if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());

  curl_slist* list = curl_slist_append(nullptr, "Expect:");  // no round trip before each upload
  list = curl_slist_append(list, "Content-Type:");
  for (const std::string& header : request.headers) list = curl_slist_append(list, header.c_str());
  transfer.headers.reset(list);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
}

class CurlEngine final : public HttpEngine {
 public:
  CurlEngine(MultiHandle multi, std::vector<std::string> headers)
      : multi_(std::move(multi)), headers_(std::move(headers)) {}

  ~CurlEngine() override {
    for (auto& [id, transfer] : active_) curl_multi_remove_handle(multi_.get(), transfer->easy.get());
  }

  RequestId start(HttpRequest request, HttpDone done) override {
    auto transfer = std::make_unique<Transfer>();
    transfer->id = ++last_id_;
    transfer->easy = take_handle();
    transfer->request = std::move(request);
    transfer->request.headers.insert(transfer->request.headers.end(), headers_.begin(), headers_.end());
    transfer->done = std::move(done);
    set_up(*transfer);
    curl_multi_add_handle(multi_.get(), transfer->easy.get());
    active_.emplace(transfer->id, std::move(transfer));
    return last_id_;
  }

  void cancel(RequestId id) override {
    if (auto transfer = detach(id)) give_back(std::move(transfer->easy));
  }

  void poll(std::chrono::milliseconds timeout, std::span<const int> fds) override {
    if (perform() > 0) timeout = std::chrono::milliseconds(0);
    waits_.clear();
    for (const int fd : fds) {
      if (fd >= 0) waits_.push_back({fd, CURL_WAIT_POLLIN, 0});
    }
    curl_multi_poll(multi_.get(), waits_.data(), static_cast<unsigned>(waits_.size()),
                    static_cast<int>(std::max<std::int64_t>(timeout.count(), 0)), nullptr);
    perform();
  }

 private:
  // How many requests ended.
  int perform() {
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    int ended = 0, left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      Transfer* transfer = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
      end(transfer->id, message->data.result);
      ++ended;
    }
    return ended;
  }

  void end(RequestId id, CURLcode code) {
    std::unique_ptr<Transfer> transfer = detach(id);
    transfer->is_success();  // takes the status while the handle has it
    const bool answered = code == CURLE_OK || transfer->has_whole_answer();
    give_back(std::move(transfer->easy));
    if (transfer->error) {
      transfer->done(fail(*std::move(transfer->error)));
    } else if (!answered) {
      transfer->done(fail(transport_error(transfer->request.url, code)));
    } else {
      transfer->done(std::move(transfer->answer));
    }
  }

  std::unique_ptr<Transfer> detach(RequestId id) {
    const auto found = active_.find(id);
    if (found == active_.end()) return nullptr;
    std::unique_ptr<Transfer> transfer = std::move(found->second);
    active_.erase(found);
    curl_multi_remove_handle(multi_.get(), transfer->easy.get());
    return transfer;
  }

  EasyHandle take_handle() {
    if (spare_.empty()) return EasyHandle(curl_easy_init());
    EasyHandle handle = std::move(spare_.back());
    spare_.pop_back();
    return handle;
  }

  void give_back(EasyHandle handle) {
    if (spare_.size() >= kMaxSpareHandles) return;
    curl_easy_reset(handle.get());
    spare_.push_back(std::move(handle));
  }

  MultiHandle multi_;
  const std::vector<std::string> headers_;
  std::unordered_map<RequestId, std::unique_ptr<Transfer>> active_;
  std::vector<EasyHandle> spare_;
  std::vector<curl_waitfd> waits_;
  RequestId last_id_ = 0;
};

}  // namespace

Result<std::unique_ptr<HttpEngine>> HttpEngine::create(std::vector<std::string> headers) {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return fail(ErrorCode::kInternal, "libcurl cannot be set up on this machine");
  }
  MultiHandle multi(curl_multi_init());
  if (!multi) return fail(ErrorCode::kOutOfMemory, "there is no memory for HTTP connections");
  curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, 128L);
  return std::make_unique<CurlEngine>(std::move(multi), std::move(headers));
}

std::string url_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += std::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace tintype
