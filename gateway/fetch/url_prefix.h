// Which URLs may be fetched: an allowed prefix names scheme, host, port and the start of the path.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace tintype {

// An absolute http or https URL, taken apart and normalised as the fetch itself reads it.
struct FetchUrl {
  std::string scheme;
  std::string host;  // lower case
  std::string port;
  std::string path;
  std::string text;  // the whole

  // kInvalidArgument for anything else, for a user name in it, and for a path that could climb by an escaped
  // dot or slash. Takes hostile text (fuzzed).
  static Result<FetchUrl> parse(std::string_view text);
};

bool starts_with(const FetchUrl& url, const FetchUrl& prefix);

}  // namespace tintype
