#include "gateway/access/access_document.h"

namespace tintype {
namespace {

constexpr const char* kName = "access/book.json";
constexpr int kTries = 20;

}  // namespace

Result<AccessBook> AccessDocument::read(std::uint64_t& version) const {
  version = 0;
  TT_ASSIGN(const Document document, documents_.read(kName));
  version = document.version;
  return parse_access_book(document.text);
}

Result<AccessBook> AccessDocument::read() const {
  std::uint64_t version = 0;
  return read(version);
}

Status AccessDocument::change(UnixMs now_ms, const std::function<Status(AccessBook&)>& edit) const {
  for (int i = 0; i < kTries; ++i) {
    std::uint64_t version = 0;
    auto before = read(version);
    TT_ASSIGN(const AccessBook book, edited(std::move(before), now_ms, edit));
    const auto written = documents_.write(kName, to_json(book), version);
    if (written) return {};
    if (written.error().code != ErrorCode::kConflict) return fail(written.error());
  }
  return fail(ErrorCode::kUnavailable, "the access book is being changed by others all the time; try again");
}

Result<std::uint64_t> AccessDocument::version() const { return documents_.version(kName); }

PolledAccess::PolledAccess(Documents& documents, Logger& log, const PolledAccessConfig& config)
    : document_(documents), log_(log), config_(config) {
  look();
  thread_ = std::jthread([this](const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, stop, config_.period, [&] { return stop.stop_requested(); })) {
      if (stop.stop_requested()) return;
      lock.unlock();
      look();
      lock.lock();
    }
  });
}

void PolledAccess::look() {
  const auto began = std::chrono::steady_clock::now();
  const auto version = document_.version();
  if (!version) return log_.warning("access_book_out_of_reach", {{"cause", version.error().message}});
  if (*version == version_) {
    const std::lock_guard lock(mutex_);
    looked_at_ = began;
    return;
  }
  auto book = document_.read();
  if (!book && book.error().code != ErrorCode::kNotFound)
    log_.error("access_book_unreadable", {{"error", book.error().to_string()}});
  const bool is_passing =
      !book && (book.error().code == ErrorCode::kTimedOut || book.error().code == ErrorCode::kUnavailable);
  if (is_passing) return;
  // Another change between the two reads is found at the next look: its version differs again.
  version_ = *version;
  const std::lock_guard lock(mutex_);
  looked_at_ = began;
  book_ = book ? std::make_shared<const AccessBook>(std::move(*book)) : nullptr;
}

std::shared_ptr<const AccessBook> PolledAccess::now() {
  const std::lock_guard lock(mutex_);
  return is_trusted() ? book_ : nullptr;
}

bool PolledAccess::is_out_of_reach() const {
  const std::lock_guard lock(mutex_);
  return !is_trusted();
}

}  // namespace tintype
