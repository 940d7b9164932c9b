#include <openssl/ssl.h>

#include <format>

#include "gateway/http/stream.h"

namespace tintype::http {
namespace {

std::unexpected<Error> unusable(std::string_view what, const std::string& file,
                                const boost::system::error_code& error) {
  return fail(ErrorCode::kInvalidArgument,
              std::format("the {} {} cannot be used: {}; give a PEM file", what, file, error.message()));
}

}  // namespace

Result<std::shared_ptr<TlsContext>> load_tls(const std::string& cert_file, const std::string& key_file) {
  boost::system::error_code error;
  auto context = std::make_shared<TlsContext>(TlsContext::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  // A client must not make us renegotiate for ever, and records that are not in use need no buffers.
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  context->use_certificate_chain_file(cert_file, error);
  if (error) return unusable("certificate", cert_file, error);
  context->use_private_key_file(key_file, TlsContext::pem, error);
  if (error) return unusable("private key", key_file, error);
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("the private key {} is not that of the certificate {}", key_file, cert_file));
  }
  return context;
}

}  // namespace tintype::http
