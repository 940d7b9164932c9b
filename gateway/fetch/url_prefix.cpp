#include "gateway/fetch/url_prefix.h"

#include <curl/curl.h>

#include <algorithm>
#include <format>
#include <memory>

namespace tintype {
namespace {

constexpr std::size_t kMaxUrlBytes = 4096;

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part(CURLU* url, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, what, &text, flags) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return text;
}

// A name as DNS writes it, or an address. What libcurl has unescaped it escapes again differently, so that what is
// judged and what is fetched could differ: nothing that needs escaping is taken.
bool plain_host(std::string_view host) {
  return std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view("-._:[]").contains(c);
  });
}

}  // namespace

Result<FetchUrl> FetchUrl::parse(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorCode::kInvalidArgument, std::format("'{}' cannot be fetched: {}", text.substr(0, 200), why));
  };
  if (text.empty() || text.size() > kMaxUrlBytes) return refuse("a URL has 1 to 4096 bytes");
  if (std::ranges::any_of(text, [](char c) { return c <= 0x20 || c == 0x7f || c == '\\'; }))
    return refuse("it holds blanks, control characters or backslashes");
  if (text.contains(":///")) return refuse("it names no host");
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    return refuse("it is not an absolute URL");
  FetchUrl out;
  out.scheme = lower(part(url.get(), CURLUPART_SCHEME));
  if (out.scheme != "http" && out.scheme != "https") return refuse("it must begin with http:// or https://");
  if (!part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty() || text.contains('@'))
    return refuse("it names a user; leave that out");
  out.host = lower(part(url.get(), CURLUPART_HOST));
  if (!plain_host(out.host) || !part(url.get(), CURLUPART_ZONEID).empty())
    return refuse("its host is not a plain name or address (write IDNs in punycode)");
  out.port = part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  out.path = part(url.get(), CURLUPART_PATH);
  const std::string path = lower(out.path);
  if (path.contains("%2e") || path.contains("%2f") || path.contains("%5c") || path.contains("%00"))
    return refuse("its path escapes a dot, a slash, a backslash or a zero byte");
  curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
  out.text = part(url.get(), CURLUPART_URL);
  if (out.host.empty() || out.text.empty()) return refuse("it names no host");
  return out;
}

bool starts_with(const FetchUrl& url, const FetchUrl& prefix) {
  if (url.scheme != prefix.scheme || url.host != prefix.host || url.port != prefix.port) return false;
  if (!url.path.starts_with(prefix.path)) return false;
  // "/photos" allows /photos and /photos/1.jpg, not /photos-of-others.
  return prefix.path.ends_with('/') || url.path.size() == prefix.path.size() || url.path[prefix.path.size()] == '/';
}

}  // namespace tintype
