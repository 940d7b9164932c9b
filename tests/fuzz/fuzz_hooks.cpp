// What hooks are told, and where they send the gateway: S3 events, tusd's requests, URLs, networks.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/fetch/address_rules.h"
#include "gateway/fetch/url_prefix.h"
#include "gateway/hooks/hook_events.h"

namespace {

using namespace tintype;

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto events = parse_s3_events(text)) {
    for (const S3Event& event : *events) must(!event.bucket.empty() && !event.key.empty() && event.key.size() <= 1024);
  }
  if (const auto hook = parse_tusd_hook(text)) must(!hook->type.empty());
  if (const auto url = FetchUrl::parse(text)) {
    must(url->scheme == "http" || url->scheme == "https");
    must(!url->host.empty() && !url->text.contains('@') && url->path.starts_with('/'));
    // What is fetched is what was judged.
    const auto again = FetchUrl::parse(url->text);
    must(again && again->host == url->host && again->port == url->port && again->path == url->path);
    must(starts_with(*again, *url));
  }
  if (const auto network = Network::parse(text)) must(network->contains(network->base));
  return 0;
}
