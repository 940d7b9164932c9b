#include "gateway/fetch/fetcher.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <format>
#include <memory>

namespace tintype {
namespace {

constexpr int kMaxRedirects = 3;
constexpr long kSlowestBytesPerSecond = 1024;
constexpr long kSlowSeconds = 20;

template <auto Free>
struct FreeWith {
  void operator()(auto* p) const { Free(p); }
};
using EasyHandle = std::unique_ptr<CURL, FreeWith<curl_easy_cleanup>>;
using HeaderList = std::unique_ptr<curl_slist, FreeWith<curl_slist_free_all>>;

// One request: what libcurl's callbacks need, and what they found.
struct Transfer {
  const FetchOrder& order;
  const std::function<Status(ByteView)>& on_piece;
  CURL* easy;
  std::uint64_t bytes = 0;
  std::optional<Error> error;
};

std::optional<IpAddress> address_of(const curl_sockaddr& address) {
  IpAddress out;
  if (address.family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address.addr, sizeof v4);
    std::memcpy(out.bytes.data(), &v4.sin_addr, 4);
    return out;
  }
  if (address.family != AF_INET6) return {};
  // curl_sockaddr's own member is shorter than a sockaddr_in6, but what it points into is not.
  out.is_v4 = false;
  const auto* raw = reinterpret_cast<const std::uint8_t*>(&address.addr);
  std::memcpy(out.bytes.data(), raw + offsetof(sockaddr_in6, sin6_addr), 16);
  return out;
}

// The address that libcurl is about to connect to.
curl_socket_t on_open_socket(void* context, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(context);
  const auto ip = address_of(*address);
  if (!ip || !may_connect(*ip, transfer.order.networks)) {
    transfer.error = Error{ErrorCode::kDenied,
                           std::format("{} leads to {}, which is not an address of the Internet's; name its network in "
                                       "the farm's hooks file if it is meant",
                                       transfer.order.url.host, ip ? ip->to_string() : "no IP address")};
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return size;  // words of the server's
  transfer.bytes += size;
  if (transfer.bytes > transfer.order.max_bytes) {
    transfer.error = Error{ErrorCode::kImageTooLarge,
                           std::format("{} is over {} bytes", transfer.order.url.text, transfer.order.max_bytes)};
    return CURL_WRITEFUNC_ERROR;
  }
  if (Status taken = transfer.on_piece(as_bytes({data, size})); !taken) {
    transfer.error = std::move(taken).error();
    return CURL_WRITEFUNC_ERROR;
  }
  return size;
}

int on_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& transfer = *static_cast<const Transfer*>(context);
  return transfer.order.stop && *transfer.order.stop ? 1 : 0;
}

HeaderList set_up(Transfer& transfer, const std::string& url, const FetchLimits& limits) {
  CURL* easy = transfer.easy;
  const FetchOrder& order = transfer.order;
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, kSlowestBytesPerSecond);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, kSlowSeconds);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "tintype");
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_slist* headers = nullptr;
  if (!order.if_match.empty())
    headers = curl_slist_append(headers, std::format("If-Match: \"{}\"", order.if_match).c_str());
  if (order.credentials) {
    const AwsCredentials& aws = *order.credentials;
    curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, std::format("aws:amz:{}:s3", aws.region).c_str());
    curl_easy_setopt(easy, CURLOPT_USERNAME, aws.access_key.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, aws.secret_key.c_str());
    headers = curl_slist_append(headers, "x-amz-content-sha256: UNSIGNED-PAYLOAD");
  }
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  return HeaderList(headers);
}

Result<FetchUrl> redirect_of(const FetchOrder& order, CURL* easy) {
  const char* target = nullptr;
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &target);
  if (!target) return fail(ErrorCode::kUnavailable, std::format("{} redirects to nowhere", order.url.text));
  TT_ASSIGN(FetchUrl url, FetchUrl::parse(target));
  if (std::ranges::any_of(order.prefixes, [&](const FetchUrl& prefix) { return starts_with(url, prefix); })) return url;
  return fail(ErrorCode::kDenied, std::format("{} redirects to {}, which is not allowed", order.url.text, url.text));
}

Error status_error(const FetchOrder& order, long status) {
  if (status == 404 || status == 410) return {ErrorCode::kNotFound, std::format("there is no {}", order.url.text)};
  if (status == 412) return {ErrorCode::kConflict, std::format("{} is another by now", order.url.text)};
  return {ErrorCode::kUnavailable, std::format("{} answers {}", order.url.text, status)};
}

}  // namespace

Status prepare_fetching() {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) return {};
  return fail(ErrorCode::kInternal, "libcurl cannot be set up on this machine");
}

Result<Fetched> fetch_url(const FetchOrder& order, const FetchLimits& limits,
                          const std::function<Status(ByteView)>& on_piece) {
  std::string url = order.url.text;
  for (int redirects = 0; redirects <= kMaxRedirects; ++redirects) {
    const EasyHandle easy(curl_easy_init());
    if (!easy) return fail(ErrorCode::kOutOfMemory, "there is no memory for a fetch");
    Transfer transfer{order, on_piece, easy.get(), 0, {}};
    const HeaderList headers = set_up(transfer, url, limits);
    const CURLcode code = curl_easy_perform(easy.get());
    if (transfer.error) return fail(*std::move(transfer.error));
    if (code != CURLE_OK)
      return fail(ErrorCode::kUnavailable, std::format("{} cannot be fetched: {}", url, curl_easy_strerror(code)));
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status == 200) {
      const char* type = nullptr;
      curl_easy_getinfo(easy.get(), CURLINFO_CONTENT_TYPE, &type);
      return Fetched{transfer.bytes, type ? type : ""};
    }
    if (status < 300 || status >= 400) return fail(status_error(order, status));
    TT_ASSIGN(const FetchUrl next, redirect_of(order, easy.get()));
    url = next.text;
  }
  return fail(ErrorCode::kUnavailable, std::format("{} redirects more than {} times", order.url.text, kMaxRedirects));
}

}  // namespace tintype
