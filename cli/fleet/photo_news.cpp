#include "cli/fleet/photo_news.h"

#include <format>
#include <random>
#include <utility>

namespace tintype {
namespace {

constexpr std::string_view kTopic = "photos";

}  // namespace

PhotoNews::PhotoNews(Broadcast& broadcast)
    : broadcast_(broadcast), sender_(std::format("{:08x}{:08x}", std::random_device{}(), std::random_device{}())) {}

void PhotoNews::tell(const std::string& owner, PhotoId photo) {
  // Without a connection nobody hears it: that is what ages are for.
  (void)broadcast_.tell(kTopic, std::format("{} {} {}", sender_, owner, photo.to_string()));
}

Result<std::unique_ptr<Listening>> PhotoNews::listen(AnnouncePhoto on_change) {
  return broadcast_.listen(kTopic, [this, on_change = std::move(on_change)](std::string_view words) {
    const std::size_t first = words.find(' ');
    const std::size_t second = first == words.npos ? words.npos : words.find(' ', first + 1);
    if (second == words.npos || words.substr(0, first) == sender_) return;
    if (const auto photo = PhotoId::parse(words.substr(second + 1)))
      on_change(std::string(words.substr(first + 1, second - first - 1)), *photo);
  });
}

}  // namespace tintype
