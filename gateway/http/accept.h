// The Accept header (RFC 9110, 12.5.1). Pure; takes hostile text.
#pragma once

#include <string_view>

namespace tintype::http {

struct Acceptance {
  double weight = 0;      // 0: not wanted; 1: wanted most
  bool is_named = false;  // the type itself, not a wildcard that it falls under
};

// What `accept` says of `type` ("image/webp"): its most specific range counts. An empty header takes anything.
Acceptance acceptance_of(std::string_view accept, std::string_view type);

}  // namespace tintype::http
