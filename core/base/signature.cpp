#include "core/base/signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include <cstdlib>

namespace tintype {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

Sha256 hmac_sha256(ByteView key, std::string_view message) {
  Sha256 out;
  const ByteView text = as_bytes(message);
  // Fails for want of memory alone.
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), text.data(), text.size(), out.data(), nullptr)) {
    std::abort();
  }
  return out;
}

std::string to_base64url(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t held = 0;
  int bits = 0;
  for (const std::uint8_t byte : bytes) {
    held = held << 8 | byte;
    for (bits += 8; bits >= 6; bits -= 6) text += kDigits[held >> (bits - 6) & 63];
  }
  if (bits > 0) text += kDigits[held << (6 - bits) & 63];
  return text;
}

std::string to_base64(ByteView bytes) {
  std::string text = to_base64url(bytes);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<Bytes> from_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return {};
  Bytes bytes(text.size() * 3 / 4);
  std::size_t size = 0;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == kDigits.npos) return {};
    held = held << 6 | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.data()[size++] = static_cast<std::uint8_t>(held >> bits);
  }
  // Bits that no byte needs must be zero: one text for one value.
  if ((held & ((1u << bits) - 1)) != 0) return {};
  return bytes;
}

std::string signature_of(ByteView key, std::string_view salt, std::string_view message) {
  std::string salted(salt);
  salted += message;
  return to_base64url(hmac_sha256(key, salted));
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Bytes random_bytes(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t have = 0; have < size;) {
    const ssize_t got = ::getrandom(bytes.data() + have, size - have, 0);
    if (got <= 0) std::abort();  // the kernel's source always answers, once the machine is up
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace tintype
