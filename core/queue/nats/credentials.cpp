#include "core/queue/nats/credentials.h"

#include <format>

#include "core/queue/nats/nats_error.h"

namespace tintype {
namespace {

std::unexpected<Error> unusable(natsStatus status, std::string_view what, std::string_view file) {
  return fail(ErrorCode::kInvalidArgument,
              std::format("{}; check the {} {}", nats_error(status, {}, "reading it").message, what, file));
}

}  // namespace

Status set_credentials(natsOptions* options, const NatsCredentials& credentials, std::string_view urls) {
  const NatsCredentials& c = credentials;
  if (!c.user.empty()) {
    const natsStatus status = natsOptions_SetUserInfo(options, c.user.c_str(), c.password.c_str());
    if (status != NATS_OK) return unusable(status, "user and password of", c.user);
  }
  if (!c.credentials_file.empty()) {
    const natsStatus status = natsOptions_SetUserCredentialsFromFiles(options, c.credentials_file.c_str(), nullptr);
    if (status != NATS_OK) return unusable(status, "credentials file", c.credentials_file);
  }
  if (!c.nkey_seed_file.empty()) {
    const natsStatus status = natsOptions_SetNKeyFromSeed(options, c.nkey.c_str(), c.nkey_seed_file.c_str());
    if (status != NATS_OK) return unusable(status, "nkey's seed file", c.nkey_seed_file);
  }
  if (!c.ca_file.empty() || !c.cert_file.empty() || urls.contains("tls://")) {
    const natsStatus status = natsOptions_SetSecure(options, true);
    if (status != NATS_OK) return fail(nats_error(status, {}, "setting up TLS to NATS"));
  }
  if (!c.ca_file.empty()) {
    const natsStatus status = natsOptions_LoadCATrustedCertificates(options, c.ca_file.c_str());
    if (status != NATS_OK) return unusable(status, "CA file", c.ca_file);
  }
  if (!c.cert_file.empty()) {
    const natsStatus status = natsOptions_LoadCertificatesChain(options, c.cert_file.c_str(), c.key_file.c_str());
    if (status != NATS_OK) return unusable(status, "certificate and key", c.cert_file);
  }
  return {};
}

}  // namespace tintype
