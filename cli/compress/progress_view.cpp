#include "cli/compress/progress_view.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <format>

#include "cli/text/human.h"
#include "cli/text/utf8.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLivePace{250};
constexpr milliseconds kLogPace{10'000};
constexpr double kPaceMemorySeconds = 20;
constexpr std::size_t kBarColumns = 24;

std::string bar(double share) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * kBarColumns * 8);
  std::string text;
  for (std::size_t i = 0; i < eighths / 8; ++i) text += "█";
  text += kEighths[eighths % 8];
  while (display_width(text) < kBarColumns) text += "·";
  return text;
}

double share_ended(const Progress& p) {
  const std::uint64_t before = p.done + p.failed - std::min(p.ended_now, p.done + p.failed);
  // Photos of earlier runs count as photos, those of this one by their bytes: big ones take longer.
  if (p.photos == 0) return 1;
  const double ended_by_bytes = p.bytes == 0 ? 1 : static_cast<double>(p.bytes_ended) / static_cast<double>(p.bytes);
  const double earlier = static_cast<double>(before) / static_cast<double>(p.photos);
  return earlier + (1 - earlier) * ended_by_bytes;
}

std::string pace_text(const Progress& p, double seconds) {
  if (seconds <= 0 || p.ended_now == 0) return "";
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(p.bytes_ended) / seconds);
  return std::format("{}/s in, {:.1f} photos/s", human_bytes(rate), static_cast<double>(p.ended_now) / seconds);
}

std::string left_text(double seconds_left) {
  return seconds_left < 0 ? "" : std::format("{} left", human_duration(seconds_left));
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!text.empty()) text += " · ";
    text += part;
  }
  return text;
}

std::string failed_text(const Progress& p) {
  return p.failed == 0 ? "" : std::format("{} failed", human_count(p.failed));
}

std::string saved_text(const Progress& p) {
  return p.bytes_in == 0 ? "" : std::format("saved {}", human_saving(p.bytes_in, p.bytes_out));
}

}  // namespace

std::vector<std::string> progress_lines(const Progress& p, double seconds, double seconds_left, std::size_t columns) {
  const std::string count = std::format("{}/{} photos", human_count(p.done + p.failed), human_count(p.photos));
  const double share = share_ended(p);
  const std::string first =
      joined({std::format("{} {:3.0f} %  {}", bar(share), std::floor(100 * share), count), left_text(seconds_left)});
  const std::string second = p.trouble.empty() ? joined({pace_text(p, seconds), saved_text(p), failed_text(p)})
                                               : printable(std::format("waiting for the farm: {}", p.trouble));
  return {shortened(first, columns), shortened(second, columns)};
}

std::string progress_line(const Progress& p, double seconds, double seconds_left) {
  const std::string trouble = p.trouble.empty() ? "" : printable(std::format("waiting for the farm: {}", p.trouble));
  return joined({std::format("{}/{} photos ({:.0f} %)", human_count(p.done + p.failed), human_count(p.photos),
                             std::floor(100 * share_ended(p))),
                 pace_text(p, seconds), saved_text(p), failed_text(p), left_text(seconds_left), trouble});
}

double TimeLeft::update(std::uint64_t ended, std::uint64_t all, double seconds) {
  const double passed = seconds - last_seconds_;
  if (ended > last_ended_ && passed > 0) {
    const double pace = static_cast<double>(ended - last_ended_) / passed;
    const double weight = pace_ == 0 ? 1 : 1 - std::exp(-passed / kPaceMemorySeconds);
    pace_ += weight * (pace - pace_);
    last_seconds_ = seconds;
    last_ended_ = ended;
  }
  if (ended >= all) return 0;
  if (pace_ == 0) return -1;
  // What the photos under way have taken since the last one ended is time already spent.
  return std::max(0.0, static_cast<double>(all - ended) / pace_ - (seconds - last_seconds_));
}

ProgressView::ProgressView(int fd, bool live)
    : fd_(fd), live_(live), next_draw_(begin_ + (live ? milliseconds(0) : kLogPace)) {}

milliseconds ProgressView::pace() const { return live_ ? kLivePace : milliseconds(1000); }

double ProgressView::seconds() const { return std::chrono::duration<double>(steady_clock::now() - begin_).count(); }

void ProgressView::update(const Progress& progress) {
  const auto now = steady_clock::now();
  if (now < next_draw_) return;
  next_draw_ = now + (live_ ? kLivePace : kLogPace);
  draw(progress);
}

void ProgressView::say(const std::string& line) { ::dprintf(fd_, "%s%s\n", erasing().c_str(), line.c_str()); }

void ProgressView::finish(const Progress& progress) {
  if (live_) draw(progress);
  lines_up_ = 0;
}

void ProgressView::draw(const Progress& progress) {
  const double now = seconds();
  const double left = time_left_.update(progress.bytes_ended, progress.bytes, now);
  if (!live_) {
    ::dprintf(fd_, "%s\n", progress_line(progress, now, left).c_str());
    return;
  }
  winsize size{};
  const bool known = ::ioctl(fd_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  std::string text = erasing();
  const std::vector<std::string> lines = progress_lines(progress, now, left, known ? size.ws_col - 1u : 79u);
  for (const std::string& line : lines) text += line + '\n';
  ::dprintf(fd_, "%s", text.c_str());
  lines_up_ = lines.size();
}

std::string ProgressView::erasing() {
  std::string text;
  for (; lines_up_ > 0; --lines_up_) text += "\x1b[1A\x1b[2K";
  return text;
}

}  // namespace tintype
