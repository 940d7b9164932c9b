#include "core/base/sha1.h"

#include <openssl/evp.h>

#include <cstdlib>

namespace tintype {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// SHA-1 has no input that fails; what is left is a broken OpenSSL or no memory.
void check(bool ok) {
  if (!ok) std::abort();
}

}  // namespace

struct Sha1Stream::State {
  std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
};

Sha1Stream::Sha1Stream() : state_(std::make_unique<State>()) {
  check(state_->context != nullptr);
  check(EVP_DigestInit_ex(state_->context.get(), EVP_sha1(), nullptr) == 1);
}
Sha1Stream::~Sha1Stream() = default;
Sha1Stream::Sha1Stream(Sha1Stream&&) noexcept = default;
Sha1Stream& Sha1Stream::operator=(Sha1Stream&&) noexcept = default;

void Sha1Stream::update(ByteView bytes) {
  check(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

Sha1 Sha1Stream::finish() {
  Sha1 digest;
  check(EVP_DigestFinal_ex(state_->context.get(), digest.data(), nullptr) == 1);
  return digest;
}

}  // namespace tintype
