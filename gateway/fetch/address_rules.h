// Which addresses a fetch may connect to. Pure.
//
// By default only what the Internet routes to a host of its own: no loopback, link-local, private,
// carrier-grade NAT, multicast, reserved or documentation address, and none that holds an IPv4 address inside
// an IPv6 one (mapped, compatible, 6to4, NAT64, Teredo, ISATAP), whatever that inner address is. IANA's
// special-purpose registries.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace tintype {

struct IpAddress {
  bool is_v4 = true;
  std::array<std::uint8_t, 16> bytes{};  // in network order; v4: the first four

  std::span<const std::uint8_t> view() const { return std::span(bytes).first(is_v4 ? 4 : 16); }
  // kInvalidArgument unless it is one address, in the usual notation.
  static Result<IpAddress> parse(std::string_view text);
  std::string to_string() const;
};

// "10.0.0.0/8", "fd00::/8", or one address.
struct Network {
  IpAddress base;
  int bits = 32;

  static Result<Network> parse(std::string_view text);
  // Never for an address of the other family.
  bool contains(const IpAddress& address) const;
};

bool is_public(const IpAddress& address);

// Public, or in one of `also`.
bool may_connect(const IpAddress& address, std::span<const Network> also);

}  // namespace tintype
