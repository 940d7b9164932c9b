#include "gateway/fetch/address_rules.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <format>

namespace tintype {
namespace {

// Not a host of the Internet's: https://www.iana.org/assignments/iana-ipv4-special-registry
constexpr std::string_view kSpecialV4[] = {
    "0.0.0.0/8",       "10.0.0.0/8",    "100.64.0.0/10",   "127.0.0.0/8",     "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24",    "192.0.2.0/24",  "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
    "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",  "224.0.0.0/4",    "240.0.0.0/4"};

// Of IPv6 only 2000::/3 is routed to hosts; of that, these are not (2001::/23 holds Teredo, 2002::/16 is
// 6to4): https://www.iana.org/assignments/iana-ipv6-special-registry
constexpr std::string_view kGlobalV6 = "2000::/3";
constexpr std::string_view kSpecialV6[] = {"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"};

bool in_any(const IpAddress& address, std::span<const std::string_view> networks) {
  return std::ranges::any_of(networks, [&](std::string_view text) { return Network::parse(text)->contains(address); });
}

// RFC 5214: an interface id of 0000:5efe or 0200:5efe, then an IPv4 address.
bool is_isatap(const IpAddress& address) {
  const auto& b = address.bytes;
  return (b[8] & 0xfd) == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe;
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string copy(text);
  IpAddress out;
  if (::inet_pton(AF_INET, copy.c_str(), out.bytes.data()) == 1) return out;
  out.is_v4 = false;
  if (::inet_pton(AF_INET6, copy.c_str(), out.bytes.data()) == 1) return out;
  return fail(ErrorCode::kInvalidArgument, std::format("'{}' is not an IP address", text));
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
  return text;
}

Result<Network> Network::parse(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  Network out;
  TT_ASSIGN(out.base, IpAddress::parse(text.substr(0, slash)));
  const int most = out.base.is_v4 ? 32 : 128;
  out.bits = most;
  if (slash == text.size()) return out;
  const std::string_view digits = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.bits);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || out.bits < 0 || out.bits > most)
    return fail(ErrorCode::kInvalidArgument, std::format("'{}' is not a network such as 10.0.0.0/8", text));
  return out;
}

bool Network::contains(const IpAddress& address) const {
  if (address.is_v4 != base.is_v4) return false;
  for (int bit = 0; bit < bits; bit += 8) {
    const auto i = static_cast<std::size_t>(bit / 8);
    const int wanted = std::min(8, bits - bit);
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - wanted));
    if ((address.bytes[i] & mask) != (base.bytes[i] & mask)) return false;
  }
  return true;
}

bool is_public(const IpAddress& address) {
  if (address.is_v4) return !in_any(address, kSpecialV4);
  return Network::parse(kGlobalV6)->contains(address) && !in_any(address, kSpecialV6) && !is_isatap(address);
}

bool may_connect(const IpAddress& address, std::span<const Network> also) {
  return is_public(address) ||
         std::ranges::any_of(also, [&](const Network& network) { return network.contains(address); });
}

}  // namespace tintype
