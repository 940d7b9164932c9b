// HTTPS as curl and OpenSSL's own client see it.
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <format>
#include <fstream>

#include "tests/gateway/gateway_fixture.h"

namespace tintype {
namespace {

struct Ran {
  int status = 0;
  std::string out;
};

Ran run(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>&1 </dev/null").c_str(), "r");
  Ran ran;
  std::array<char, 4096> buffer;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe))
    ran.out.append(buffer.data(), size);
  ran.status = WEXITSTATUS(::pclose(pipe));
  return ran;
}

// What a client is told that reads nothing before it has sent all; "" if it could not, or was told nothing.
std::string answer_after_sending(std::uint16_t port, int version, std::string_view text) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_max_proto_version(context.get(), version);
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> client(BIO_new_ssl_connect(context.get()), BIO_free_all);
  BIO_set_conn_hostname(client.get(), std::format("127.0.0.1:{}", port).c_str());
  while (!text.empty()) {
    const int sent = BIO_write(client.get(), text.data(), static_cast<int>(text.size()));
    if (sent <= 0) return {};
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  char answer[4096];
  return {answer, static_cast<std::size_t>(std::max(BIO_read(client.get(), answer, sizeof answer), 0))};
}

class Tls : public GatewayTest {
 protected:
  Tls() {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    make_certificate("one");
    config.tls_cert_file = folder_ + "/cert.pem";
    config.tls_key_file = folder_ + "/key.pem";
  }
  ~Tls() override {
    gateway.reset();
    std::filesystem::remove_all(folder_);
  }

  // As cert.pem and key.pem, self-signed; the certificate also as NAME.pem.
  void make_certificate(const std::string& name) {
    const Ran made =
        run(std::format("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
                        "-subj /CN={1} -addext subjectAltName=IP:127.0.0.1 "
                        "-keyout {0}/key.pem -out {0}/cert.pem",
                        folder_, name));
    ASSERT_EQ(made.status, 0) << made.out;
    std::filesystem::copy_file(folder_ + "/cert.pem", folder_ + "/" + name + ".pem");
  }
  Ran curl(const std::string& arguments, const std::string& trusted = "one") {
    return run(std::format("curl -sS --noproxy '*' --max-time 20 --cacert {}/{}.pem {}", folder_, trusted, arguments));
  }
  std::string url(const std::string& path) { return "'" + gateway->url() + path + "'"; }

  std::string folder_ = (std::filesystem::temp_directory_path() / "tintype-tls-XXXXXX").string();
};

TEST_F(Tls, AnswersAndTakesBodiesOfAnySize) {
  start();
  EXPECT_TRUE(gateway->url().starts_with("https://"));
  EXPECT_EQ(curl(url("/healthz")).out, R"({"ok":true})");
  const std::string bytes = noise(3'000'000);
  std::ofstream(folder_ + "/in.bin", std::ios::binary) << bytes;
  const Ran posted = curl(std::format("-X POST -T {}/in.bin {}", folder_, url("/v1/photos")));
  const TestJson receipt = TestJson::parse(posted.out, nullptr, false);
  ASSERT_TRUE(receipt.contains("photo_id")) << posted.out;
  const std::string original = url("/v1/photos/" + receipt["photo_id"].get<std::string>() + "/original");
  ASSERT_EQ(curl(std::format("-o {}/out.bin {}", folder_, original)).status, 0);
  std::ifstream in(folder_ + "/out.bin", std::ios::binary);
  EXPECT_TRUE(std::string(std::istreambuf_iterator<char>(in), {}) == bytes);
  // Two requests on one connection.
  EXPECT_EQ(curl(std::format("-o /dev/null -o /dev/null -w '%{{num_connects}}' {0} {0}", url("/healthz"))).out, "10");
}

TEST_F(Tls, OnlyTls12AndLater) {
  start();
  EXPECT_EQ(curl("--tls-max 1.2 " + url("/healthz")).status, 0);
  EXPECT_EQ(curl("--tlsv1.3 " + url("/healthz")).status, 0);
  EXPECT_NE(run(std::format("openssl s_client -connect 127.0.0.1:{} -tls1_1 -cipher ALL:@SECLEVEL=0", port)).status, 0);
}

// OpenSSL's own client complains of a connection that ends without a close_notify.
TEST_F(Tls, SaysGoodbyeBeforeItCloses) {
  config.idle_timeout = std::chrono::milliseconds(300);
  start();
  const auto said_by_s_client = [&](const std::string& connection) {
    std::ofstream(folder_ + "/request") << "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:" << port
                                        << "\r\nConnection: " << connection << "\r\n\r\n";
    return run(
        std::format("sh -c 'cat {}/request | openssl s_client -quiet -ign_eof -connect 127.0.0.1:{}'", folder_, port));
  };
  for (const char* connection : {"close", "keep-alive"}) {
    const Ran client = said_by_s_client(connection);
    EXPECT_TRUE(client.out.contains(R"({"ok":true})")) << client.out;
    EXPECT_FALSE(client.out.contains("unexpected eof")) << connection << ": " << client.out;
    EXPECT_EQ(client.status, 0) << connection << ": " << client.out;
  }
}

// Whoever sends a body that is not wanted can send it to its end, and then reads why.
TEST_F(Tls, LetsABodyThatItRefusesCome) {
  ::signal(SIGPIPE, SIG_IGN);
  start();
  const std::string request =
      std::format("POST /v1/nothing HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: 3000000\r\n\r\n", port) +
      noise(3'000'000);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(answer_after_sending(port, version, request).starts_with("HTTP/1.1 404"));
  }
}

TEST_F(Tls, PlainTextAndNoiseAreClosedAndHarmNobody) {
  config.header_timeout = std::chrono::milliseconds(300);
  start();
  for (const std::string& bytes : {std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), noise(5000), std::string()}) {
    SocketClient client(port);
    client.send(bytes);
    EXPECT_TRUE(client.closes_within(std::chrono::seconds(10)));
  }
  EXPECT_EQ(curl(url("/healthz")).status, 0);
}

TEST_F(Tls, ANewCertificateIsTakenWithoutARestart) {
  start();
  EXPECT_EQ(curl(url("/healthz")).status, 0);
  make_certificate("two");
  EXPECT_EQ(curl(url("/healthz")).status, 0) << "not before it is asked to";
  ASSERT_TRUE(gateway->reload_tls());
  EXPECT_EQ(curl(url("/healthz"), "two").status, 0);
  EXPECT_NE(curl(url("/healthz"), "one").status, 0);
  std::ofstream(folder_ + "/key.pem") << "no key";
  const Status reloaded = gateway->reload_tls();
  ASSERT_FALSE(reloaded);
  EXPECT_TRUE(reloaded.error().message.contains("key.pem"));
  EXPECT_EQ(curl(url("/healthz"), "two").status, 0) << "the one before stays";
}

TEST_F(Tls, FilesThatAreNoneAreNamed) {
  const auto refused = [&] {
    const auto started = start_gateway(
        config, {*blobs, *index, *jobs, *queue, *events, clock, metrics, log, [] { return std::string("{}"); }});
    return started ? std::string() : started.error().message;
  };
  config.tls_cert_file = "/nowhere/cert.pem";
  EXPECT_TRUE(refused().contains("/nowhere/cert.pem"));
  config.tls_cert_file = "";
  EXPECT_TRUE(refused().contains("--tls-cert"));
}

}  // namespace
}  // namespace tintype
