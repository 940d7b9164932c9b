#include "gateway/hooks/ingests.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <format>
#include <mutex>

#include "core/base/unique_fd.h"
#include "gateway/problem.h"

namespace tintype {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kPieceBytes = 256 << 10;

// What one request asked for.
struct Gathered {
  std::mutex mutex;
  std::size_t missing = 0;
  IngestOutcomes outcomes;
  std::function<void()> wake;
};

class GatheredAnswer final : public http::PendingAnswer {
 public:
  GatheredAnswer(std::shared_ptr<Gathered> gathered, std::function<http::Response(const IngestOutcomes&)> build)
      : gathered_(std::move(gathered)), build_(std::move(build)) {}

  ~GatheredAnswer() override {
    const std::lock_guard lock(gathered_->mutex);
    gathered_->wake = nullptr;
  }

  void on_ready(std::function<void()> wake) override {
    const std::lock_guard lock(gathered_->mutex);
    gathered_->wake = std::move(wake);
  }

  std::optional<http::Response> look() override {
    const std::lock_guard lock(gathered_->mutex);
    if (gathered_->missing == 0) return build_(gathered_->outcomes);
    if (std::chrono::steady_clock::now() < until_) return {};
    return problem_response(
        Error{ErrorCode::kUnavailable, "not everything could be fetched yet; ask again, what was fetched is kept"});
  }

  SteadyTime look_again_at() const override { return until_; }

 private:
  const std::shared_ptr<Gathered> gathered_;
  const std::function<http::Response(const IngestOutcomes&)> build_;
  const SteadyTime until_ = std::chrono::steady_clock::now() + kPatience;
};

// The kernel itself sees to it that no link and no ".." leads out of the folder.
Result<UniqueFd> open_beneath(const FileSource& source) {
  const UniqueFd folder(::open(source.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return fail(error_from_errno(errno, "opening the folder " + source.folder));
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  UniqueFd fd(static_cast<int>(::syscall(SYS_openat2, folder.get(), source.path.c_str(), &how, sizeof how)));
  if (fd) return fd;
  const int err = errno;
  if (err == ELOOP || err == EXDEV)
    return fail(ErrorCode::kDenied, std::format("{} leads out of {}", source.path, source.folder));
  return fail(error_from_errno(err, std::format("opening {}/{}", source.folder, source.path)));
}

Status feed_file(const FileSource& source, std::uint64_t max_bytes, const std::function<Status(ByteView)>& on_piece) {
  TT_ASSIGN(const UniqueFd fd, open_beneath(source));
  Bytes piece(kPieceBytes);
  for (std::uint64_t bytes = 0;;) {
    const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(error_from_errno(errno, std::format("reading {}/{}", source.folder, source.path)));
    if (got == 0) return {};
    bytes += static_cast<std::uint64_t>(got);
    if (bytes > max_bytes)
      return fail(ErrorCode::kImageTooLarge, std::format("{} is over {} bytes", source.path, max_bytes));
    TT_TRY(on_piece(piece.view().first(static_cast<std::size_t>(got))));
  }
}

}  // namespace

Ingests::Ingests(const HooksConfig& config, const UploadServices& services, std::uint64_t max_bytes)
    : config_(config), services_(services), max_bytes_(max_bytes), pool_(config.fetches) {}

Ingests::~Ingests() {
  stopping_ = true;
  pool_.stop();
}

Result<http::Response> Ingests::answer(std::vector<Ingest> ingests,
                                       std::function<http::Response(const IngestOutcomes&)> build) {
  const int more = static_cast<int>(ingests.size());
  if ((waiting_ += more) > config_.max_waiting_fetches) {
    waiting_ -= more;
    return fail(ErrorCode::kQueueFull, "too many pictures wait to be fetched; come again in a moment");
  }
  auto gathered = std::make_shared<Gathered>();
  gathered->missing = ingests.size();
  for (std::size_t i = 0; i < ingests.size(); ++i)
    gathered->outcomes.push_back(fail(ErrorCode::kUnavailable, "it was not fetched yet"));
  for (std::size_t i = 0; i < ingests.size(); ++i) {
    pool_.post([this, gathered, i, ingest = std::move(ingests[i])]() mutable {
      auto outcome = run(ingest);
      --waiting_;
      const std::lock_guard lock(gathered->mutex);
      gathered->outcomes[i] = std::move(outcome);
      if (--gathered->missing == 0 && gathered->wake) gathered->wake();
    });
  }
  return http::answer_later(std::make_unique<GatheredAnswer>(std::move(gathered), std::move(build)));
}

Result<UploadReceipt> Ingests::run(Ingest& ingest) {
  if (stopping_) return fail(ErrorCode::kUnavailable, "the farm is going away");
  const UploadOrder& order = ingest.order;
  if (!order.idempotency_key.empty()) {
    TT_ASSIGN(const auto known, services_.index.find_idempotent(order.owner, order.idempotency_key));
    if (known) return receipt_of_existing(services_.index, order.owner, *known, "");
  }
  TT_ASSIGN(const auto upload, PhotoUpload::start(services_, order));
  TT_TRY(feed(ingest, *upload));
  return upload->finish();
}

Status Ingests::feed(Ingest& ingest, PhotoUpload& upload) {
  const auto on_piece = [&](ByteView piece) { return upload.write(piece); };
  if (const auto* file = std::get_if<FileSource>(&ingest.source)) return feed_file(*file, max_bytes_, on_piece);
  auto& order = std::get<FetchOrder>(ingest.source);
  order.max_bytes = max_bytes_;
  order.stop = &stopping_;
  TT_TRY(fetch_url(order, config_.limits, on_piece));
  return {};
}

}  // namespace tintype
