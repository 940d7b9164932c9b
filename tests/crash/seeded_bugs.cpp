#include "tests/crash/seeded_bugs.h"

#include <chrono>
#include <cstdlib>
#include <mutex>
#include <set>
#include <thread>

#include "tests/gateway/store_decorators.h"

namespace tintype::crash {
namespace {

constexpr std::string_view kNames[] = {"none",        "early-acknowledgement", "lost-tombstone",
                                       "stale-cache", "wrong-range",           "double-commit"};

Status let_pass(const Photo&) { return {}; }

class EarlyAcknowledgement final : public AskedIndex {
 public:
  explicit EarlyAcknowledgement(PhotoIndex& index) : AskedIndex(index, let_pass) {}
  Result<Created> create(const std::string& owner, const Photo& photo) override {
    std::thread([this, owner, photo] {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      (void)AskedIndex::create(owner, photo);
    }).detach();  // the process ends by a kill
    return Created{photo.light.photo, false};
  }
};

class LostTombstone final : public AskedIndex {
 public:
  explicit LostTombstone(PhotoIndex& index) : AskedIndex(index, let_pass) {}
  Status remove(const std::string& owner, PhotoId photo) override {
    TT_TRY(get(owner, photo));
    const std::lock_guard lock(mutex_);
    hidden_.insert(photo);
    return {};
  }
  Result<Photo> get(const std::string& owner, PhotoId photo) override {
    if (hides(photo)) return fail(ErrorCode::kNotFound, "deleted");
    return AskedIndex::get(owner, photo);
  }
  Result<ListPage> list(const std::string& owner, const ListQuery& query) override {
    auto page = AskedIndex::list(owner, query);
    if (page) std::erase_if(page->rows, [this](const LightRow& row) { return hides(row.photo); });
    return page;
  }

 private:
  bool hides(PhotoId photo) {
    const std::lock_guard lock(mutex_);
    return hidden_.contains(photo);
  }
  std::mutex mutex_;
  std::set<PhotoId> hidden_;
};

class StaleCache final : public AskedIndex {
 public:
  StaleCache(PhotoIndex& cached, PhotoIndex& store) : AskedIndex(cached, let_pass), store_(store) {}
  Result<Created> create(const std::string& owner, const Photo& photo) override { return store_.create(owner, photo); }
  Status commit_manifest(const std::string& owner, PhotoId photo, const Manifest& manifest,
                         const LightUpdate& update) override {
    return store_.commit_manifest(owner, photo, manifest, update);
  }
  Status remove(const std::string& owner, PhotoId photo) override { return store_.remove(owner, photo); }

 private:
  PhotoIndex& store_;
};

class WrongRange final : public AskedIndex {
 public:
  explicit WrongRange(PhotoIndex& index) : AskedIndex(index, let_pass) {}
  Result<ListPage> list(const std::string& owner, const ListQuery& query) override {
    ListQuery wrong = query;
    if (wrong.to_ms) ++*wrong.to_ms;
    return AskedIndex::list(owner, wrong);
  }
};

class DoubleCommit final : public AskedIndex {
 public:
  explicit DoubleCommit(PhotoIndex& index) : AskedIndex(index, let_pass) {}
  Result<std::optional<PhotoId>> find_idempotent(const std::string&, const std::string&) override {
    return std::nullopt;
  }
  Result<Created> create(const std::string& owner, const Photo& photo) override {
    Photo without = photo;
    without.heavy.idempotency_key.clear();
    return AskedIndex::create(owner, without);
  }
};

}  // namespace

std::string_view name_of(Bug bug) { return kNames[static_cast<std::size_t>(bug)]; }

Bug bug_named(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<Bug>(i);
  }
  std::abort();
}

std::unique_ptr<PhotoIndex> with_bug(Bug bug, PhotoIndex& index, PhotoIndex& store) {
  switch (bug) {
    case Bug::kNone:
      return std::make_unique<AskedIndex>(index, let_pass);
    case Bug::kEarlyAcknowledgement:
      return std::make_unique<EarlyAcknowledgement>(index);
    case Bug::kLostTombstone:
      return std::make_unique<LostTombstone>(index);
    case Bug::kStaleCache:
      return std::make_unique<StaleCache>(index, store);
    case Bug::kWrongRange:
      return std::make_unique<WrongRange>(index);
    case Bug::kDoubleCommit:
      return std::make_unique<DoubleCommit>(index);
  }
  std::abort();
}

}  // namespace tintype::crash
