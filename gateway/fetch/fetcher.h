// Fetching a picture from another server, without becoming anybody's way into the network.
//
// Every connection's address is judged (address_rules.h) between its being resolved and the connect to that
// very address, so a name that answers differently the next time gains nothing; so is every redirect, which
// must also stay within the allowed prefixes. No proxy, no credentials but those given, http and https alone.
// libcurl stays in this folder.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "gateway/fetch/address_rules.h"
#include "gateway/fetch/url_prefix.h"

namespace tintype {

struct AwsCredentials {
  std::string access_key;
  std::string secret_key;
  std::string region = "us-east-1";
};

struct FetchOrder {
  FetchUrl url;
  std::vector<FetchUrl> prefixes;             // where a redirect may lead; empty: none is followed
  std::vector<Network> networks;              // that may be reached although they are not public
  std::optional<AwsCredentials> credentials;  // signed for S3 (AWS Signature Version 4)
  std::string if_match;                       // an entity tag; empty: any
  std::uint64_t max_bytes = 0;
  const std::atomic<bool>* stop = nullptr;  // turned true: the fetch is cut short
};

struct FetchLimits {
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds total_timeout{300'000};
};

struct Fetched {
  std::uint64_t bytes = 0;
  std::string content_type;
};

// Once a process, before the first fetch, while there is one thread; kInternal.
Status prepare_fetching();

// Blocks; any thread. `on_piece` gets the body. kDenied: an address or redirect that is not allowed;
// kNotFound: 404; kConflict: the entity tag is another; kImageTooLarge; kUnavailable: everything that may
// pass, with the server's status; what `on_piece` says.
Result<Fetched> fetch_url(const FetchOrder& order, const FetchLimits& limits,
                          const std::function<Status(ByteView)>& on_piece);

}  // namespace tintype
