// Which addresses and URLs a fetch may go to.
#include <gtest/gtest.h>

#include "gateway/fetch/address_rules.h"
#include "gateway/fetch/url_prefix.h"

namespace tintype {
namespace {

TEST(AddressRules, PublicAddresses) {
  for (const char* text : {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
                           "192.0.1.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111",
                           "2a00:1450:4001::1", "2001:200::1", "2003::1"}) {
    EXPECT_TRUE(is_public(IpAddress::parse(text).value())) << text;
  }
}

TEST(AddressRules, AddressesThatAreNoHostOfTheInternets) {
  for (const char* text :
       {"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.8.8.8",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1",
        "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "::", "::1", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "100::1",
        "5f00::1", "2001:db8::1", "3fff::1",
        // An IPv4 address inside: mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP.
        "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:a9fe:a9fe", "::127.0.0.1", "::8.8.8.8", "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::a00:1", "2002:7f00:1::1", "2002:808:808::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2a00:1450::5efe:7f00:1",
        "2a00:1450::200:5efe:7f00:1"}) {
    EXPECT_FALSE(is_public(IpAddress::parse(text).value())) << text;
  }
}

TEST(AddressRules, ANamedNetworkIsAllowedAndNoOther) {
  const std::vector<Network> networks = {Network::parse("10.1.0.0/16").value(), Network::parse("127.0.0.1").value(),
                                         Network::parse("fd00:1::/33").value()};
  const auto may = [&](const char* text) { return may_connect(IpAddress::parse(text).value(), networks); };
  EXPECT_TRUE(may("10.1.255.255") && may("127.0.0.1") && may("fd00:1::1") && may("8.8.8.8"));
  EXPECT_FALSE(may("10.2.0.0") || may("127.0.0.2") || may("fd00:1:8000::1") || may("::ffff:127.0.0.1"));
  for (const char* wrong :
       {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "fd00::/129", "host/8", "10.0.0.0/8x"}) {
    EXPECT_FALSE(Network::parse(wrong)) << wrong;
  }
  EXPECT_TRUE(Network::parse("0.0.0.0/0")->contains(IpAddress::parse("1.2.3.4").value()));
}

TEST(UrlPrefix, ReadsUrls) {
  const auto url = FetchUrl::parse("HTTPS://Images.Example.COM/a/../b/c%20d.jpg?x=1#y");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "images.example.com");
  EXPECT_EQ(url->port, "443");
  EXPECT_EQ(url->path, "/b/c%20d.jpg");
  EXPECT_FALSE(url->text.contains('#'));
  EXPECT_EQ(FetchUrl::parse("http://example.com/a/%2e%2e/b")->path, "/b");
  // Other ways to write 127.0.0.1 end up as what they are.
  for (const char* text : {"http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/"}) {
    EXPECT_EQ(FetchUrl::parse(text)->host, "127.0.0.1") << text;
  }
}

TEST(UrlPrefix, RefusesWhatIsNotPlain) {
  for (const char* text : {"",
                           "example.com/a",
                           "//example.com/a",
                           "ftp://example.com/",
                           "file:///etc/passwd",
                           "gopher://x/",
                           "http://",
                           "http:///a",
                           "http://user@example.com/",
                           "http://user:pw@example.com/",
                           "http://example.com@evil.com/",
                           "http://example.com/a b",
                           "http://example.com/a\nb",
                           "http://example.com\\@evil.com/",
                           "http://example.com:99999/",
                           "http://example.com/a%2Fb",
                           "http://example.com/a%5cb",
                           "http://example.com/%00",
                           "javascript:alert(1)",
                           "http://0x7f%eep:1/",
                           "http://b\xc3\xbcrger.example/",
                           "http://[fe80::1%25eth0]/"}) {
    EXPECT_FALSE(FetchUrl::parse(text)) << text;
  }
  EXPECT_FALSE(FetchUrl::parse("http://a/" + std::string(5000, 'x')));
}

TEST(UrlPrefix, Prefixes) {
  const auto allowed = [](const char* url, const char* prefix) {
    return starts_with(FetchUrl::parse(url).value(), FetchUrl::parse(prefix).value());
  };
  EXPECT_TRUE(allowed("https://a.com/photos/1.jpg", "https://a.com/photos/"));
  EXPECT_TRUE(allowed("https://a.com:443/photos/1.jpg", "https://A.com/photos"));
  EXPECT_TRUE(allowed("https://a.com/photos", "https://a.com/photos"));
  EXPECT_TRUE(allowed("https://a.com/x", "https://a.com"));
  EXPECT_FALSE(allowed("https://a.com/photos-of-others/1.jpg", "https://a.com/photos"));
  EXPECT_FALSE(allowed("https://a.com/photos/../secret", "https://a.com/photos/"));
  EXPECT_FALSE(allowed("http://a.com/photos/1.jpg", "https://a.com/photos/"));
  EXPECT_FALSE(allowed("https://a.com:8443/photos/1.jpg", "https://a.com/photos/"));
  EXPECT_FALSE(allowed("https://a.com.evil.com/photos/1.jpg", "https://a.com/photos/"));
}

}  // namespace
}  // namespace tintype
