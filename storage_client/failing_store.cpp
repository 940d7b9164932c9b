#include "storage_client/failing_store.h"

#include <format>
#include <utility>

namespace tintype {
namespace {

// Runs `call` as the plan has it. Reader, writer and store share one plan.
class Faults {
 public:
  explicit Faults(FaultPlan plan) : plan_(std::make_shared<const FaultPlan>(std::move(plan))) {}

  template <typename Call>
  auto run(std::string_view method, Call&& call) const -> decltype(call()) {
    const InjectedFault fault = (*plan_)(method);
    if (fault == InjectedFault::kBefore) return injected(method, "before");
    if (fault == InjectedFault::kLate)
      return fail(ErrorCode::kTimedOut, std::format("store {}: no answer before the deadline", method));
    auto result = call();
    if (fault == InjectedFault::kAfter) return injected(method, "after");
    return result;
  }

 private:
  static std::unexpected<Error> injected(std::string_view method, std::string_view when) {
    return fail(ErrorCode::kUnavailable, std::format("store {}: fault injected {} the call, try again", method, when));
  }

  std::shared_ptr<const FaultPlan> plan_;
};

class FailingWriter final : public BlobWriter {
 public:
  FailingWriter(std::unique_ptr<BlobWriter> writer, Faults faults)
      : writer_(std::move(writer)), faults_(std::move(faults)) {}
  Status write(ByteView piece) override {
    return faults_.run("write", [&] { return writer_->write(piece); });
  }
  Result<BlobInfo> commit() override {
    return faults_.run("commit", [&] { return writer_->commit(); });
  }

 private:
  std::unique_ptr<BlobWriter> writer_;
  Faults faults_;
};

class FailingReader final : public BlobReader {
 public:
  FailingReader(std::unique_ptr<BlobReader> reader, Faults faults)
      : reader_(std::move(reader)), faults_(std::move(faults)) {}
  std::uint64_t size() const override { return reader_->size(); }
  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    return faults_.run("read", [&] { return reader_->read(offset, out); });
  }

 private:
  std::unique_ptr<BlobReader> reader_;
  Faults faults_;
};

class FailingBlobs final : public BlobStore {
 public:
  FailingBlobs(BlobStore& store, FaultPlan plan) : store_(store), faults_(std::move(plan)) {}

  Result<std::unique_ptr<BlobWriter>> create(const BlobKey& key, std::uint64_t size_hint) override {
    return faults_.run("create", [&]() -> Result<std::unique_ptr<BlobWriter>> {
      TT_ASSIGN(auto writer, store_.create(key, size_hint));
      return std::make_unique<FailingWriter>(std::move(writer), faults_);
    });
  }
  Status put_all(std::span<const BlobPut> puts) override {
    return faults_.run("put_all", [&] { return store_.put_all(puts); });
  }
  Result<std::unique_ptr<BlobReader>> open(const BlobKey& key) override {
    return faults_.run("open", [&]() -> Result<std::unique_ptr<BlobReader>> {
      TT_ASSIGN(auto reader, store_.open(key));
      return std::make_unique<FailingReader>(std::move(reader), faults_);
    });
  }
  Result<BlobInfo> stat(const BlobKey& key) override {
    return faults_.run("stat", [&] { return store_.stat(key); });
  }
  Status remove(const BlobKey& key) override {
    return faults_.run("remove", [&] { return store_.remove(key); });
  }
  Status remove_photo(const std::string& owner, PhotoId photo) override {
    return faults_.run("remove_photo", [&] { return store_.remove_photo(owner, photo); });
  }
  Result<BlobListing> list(const std::string& after, int limit) override {
    return faults_.run("list", [&] { return store_.list(after, limit); });
  }
  Result<std::uint64_t> free_bytes() override {
    return faults_.run("free_bytes", [&] { return store_.free_bytes(); });
  }
  Status takes_blobs() override {
    return faults_.run("takes_blobs", [&] { return store_.takes_blobs(); });
  }

 private:
  BlobStore& store_;
  Faults faults_;
};

class FailingIndex final : public PhotoIndex {
 public:
  FailingIndex(PhotoIndex& store, FaultPlan plan) : store_(store), faults_(std::move(plan)) {}

  Result<Created> create(const std::string& owner, const Photo& photo) override {
    return faults_.run("create", [&] { return store_.create(owner, photo); });
  }
  Result<Photo> get(const std::string& owner, PhotoId photo) override {
    return faults_.run("get", [&] { return store_.get(owner, photo); });
  }
  Result<ListPage> list(const std::string& owner, const ListQuery& query) override {
    return faults_.run("list", [&] { return store_.list(owner, query); });
  }
  Result<std::vector<MonthCount>> months(const std::string& owner, ListOrder by) override {
    return faults_.run("months", [&] { return store_.months(owner, by); });
  }
  Result<std::optional<PhotoId>> find_idempotent(const std::string& owner, const std::string& key) override {
    return faults_.run("find_idempotent", [&] { return store_.find_idempotent(owner, key); });
  }
  Status commit_manifest(const std::string& owner, PhotoId photo, const Manifest& manifest,
                         const LightUpdate& update) override {
    return faults_.run("commit_manifest", [&] { return store_.commit_manifest(owner, photo, manifest, update); });
  }
  Status set_job(const std::string& owner, PhotoId photo, const Job& job) override {
    return faults_.run("set_job", [&] { return store_.set_job(owner, photo, job); });
  }
  Status renew_job(const std::string& owner, PhotoId photo, const Job& job) override {
    return faults_.run("renew_job", [&] { return store_.renew_job(owner, photo, job); });
  }
  Status set_failed(const std::string& owner, PhotoId photo) override {
    return faults_.run("set_failed", [&] { return store_.set_failed(owner, photo); });
  }
  Status remove(const std::string& owner, PhotoId photo) override {
    return faults_.run("remove", [&] { return store_.remove(owner, photo); });
  }
  Result<RefPage> incomplete(const std::string& after, int limit) override {
    return faults_.run("incomplete", [&] { return store_.incomplete(after, limit); });
  }
  Result<RefPage> tombstones(const std::string& after, int limit) override {
    return faults_.run("tombstones", [&] { return store_.tombstones(after, limit); });
  }
  Status purge(const std::string& owner, PhotoId photo) override {
    return faults_.run("purge", [&] { return store_.purge(owner, photo); });
  }
  Status rebuild_lists(const std::string& owner) override {
    return faults_.run("rebuild_lists", [&] { return store_.rebuild_lists(owner); });
  }
  Result<bool> owns_blobs(const std::string& owner, PhotoId photo) override {
    return faults_.run("owns_blobs", [&] { return store_.owns_blobs(owner, photo); });
  }

 private:
  PhotoIndex& store_;
  Faults faults_;
};

class FailingJobs final : public JobStore {
 public:
  FailingJobs(JobStore& store, FaultPlan plan) : store_(store), faults_(std::move(plan)) {}

  Status put(const JobRecord& record) override {
    return faults_.run("put", [&] { return store_.put(record); });
  }
  Result<JobRecord> get(JobId job) override {
    return faults_.run("get", [&] { return store_.get(job); });
  }
  Result<JobRecord> update(JobId job, const std::function<bool(JobRecord&)>& change) override {
    return faults_.run("update", [&] { return store_.update(job, change); });
  }
  Result<JobPage> list(const JobQuery& query) override {
    return faults_.run("list", [&] { return store_.list(query); });
  }
  Status remove(JobId job) override {
    return faults_.run("remove", [&] { return store_.remove(job); });
  }

 private:
  JobStore& store_;
  Faults faults_;
};

}  // namespace

std::unique_ptr<BlobStore> make_failing(BlobStore& store, FaultPlan plan) {
  return std::make_unique<FailingBlobs>(store, std::move(plan));
}
std::unique_ptr<PhotoIndex> make_failing(PhotoIndex& store, FaultPlan plan) {
  return std::make_unique<FailingIndex>(store, std::move(plan));
}
std::unique_ptr<JobStore> make_failing(JobStore& store, FaultPlan plan) {
  return std::make_unique<FailingJobs>(store, std::move(plan));
}

}  // namespace tintype
