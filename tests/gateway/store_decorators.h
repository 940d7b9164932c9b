// Stores and queues that refuse on purpose, for what failing_store.h cannot say.
#pragma once

#include <atomic>
#include <functional>

#include "core/queue/job_queue.h"
#include "storage_client/blob_store.h"
#include "storage_client/photo_index.h"

namespace tintype {

// Passes everything on, but create() asks first.
class AskedIndex : public PhotoIndex {
 public:
  using BeforeCreate = std::function<Status(const Photo&)>;
  AskedIndex(PhotoIndex& index, BeforeCreate before) : index_(index), before_(std::move(before)) {}

  Result<Created> create(const std::string& owner, const Photo& photo) override {
    TT_TRY(before_(photo));
    return index_.create(owner, photo);
  }
  Result<Photo> get(const std::string& owner, PhotoId photo) override { return index_.get(owner, photo); }
  Result<ListPage> list(const std::string& owner, const ListQuery& query) override { return index_.list(owner, query); }
  Result<std::vector<MonthCount>> months(const std::string& owner, ListOrder by) override {
    return index_.months(owner, by);
  }
  Result<std::optional<PhotoId>> find_idempotent(const std::string& owner, const std::string& key) override {
    return index_.find_idempotent(owner, key);
  }
  Status commit_manifest(const std::string& owner, PhotoId photo, const Manifest& manifest,
                         const LightUpdate& update) override {
    return index_.commit_manifest(owner, photo, manifest, update);
  }
  Status set_job(const std::string& owner, PhotoId photo, const Job& job) override {
    return index_.set_job(owner, photo, job);
  }
  Status renew_job(const std::string& owner, PhotoId photo, const Job& job) override {
    return index_.renew_job(owner, photo, job);
  }
  Status set_failed(const std::string& owner, PhotoId photo) override { return index_.set_failed(owner, photo); }
  Status remove(const std::string& owner, PhotoId photo) override { return index_.remove(owner, photo); }
  Result<RefPage> incomplete(const std::string& after, int limit) override { return index_.incomplete(after, limit); }
  Result<RefPage> tombstones(const std::string& after, int limit) override { return index_.tombstones(after, limit); }
  Status purge(const std::string& owner, PhotoId photo) override { return index_.purge(owner, photo); }
  Status rebuild_lists(const std::string& owner) override { return index_.rebuild_lists(owner); }
  Result<bool> owns_blobs(const std::string& owner, PhotoId photo) override { return index_.owns_blobs(owner, photo); }

 private:
  PhotoIndex& index_;
  BeforeCreate before_;
};

// Takes `room` bytes in all, and then no more.
class FillingBlobs : public BlobStore {
 public:
  FillingBlobs(BlobStore& blobs, std::int64_t room) : blobs_(blobs), room_(room) {}

  Result<std::unique_ptr<BlobWriter>> create(const BlobKey& key, std::uint64_t size_hint) override {
    if (std::int64_t(size_hint) > room_) return full();
    TT_ASSIGN(auto writer, blobs_.create(key, size_hint));
    return std::make_unique<Writer>(*this, std::move(writer));
  }
  Status put_all(std::span<const BlobPut> puts) override { return blobs_.put_all(puts); }
  Result<std::unique_ptr<BlobReader>> open(const BlobKey& key) override { return blobs_.open(key); }
  Result<BlobInfo> stat(const BlobKey& key) override { return blobs_.stat(key); }
  Status remove(const BlobKey& key) override { return blobs_.remove(key); }
  Status remove_photo(const std::string& owner, PhotoId photo) override { return blobs_.remove_photo(owner, photo); }
  Result<BlobListing> list(const std::string& after, int limit) override { return blobs_.list(after, limit); }
  Result<std::uint64_t> free_bytes() override { return blobs_.free_bytes(); }
  Status takes_blobs() override { return blobs_.takes_blobs(); }

 private:
  static std::unexpected<Error> full() { return fail(ErrorCode::kStorageFull, "no space is left; free some"); }

  class Writer final : public BlobWriter {
   public:
    Writer(FillingBlobs& blobs, std::unique_ptr<BlobWriter> writer) : blobs_(blobs), writer_(std::move(writer)) {}
    Status write(ByteView piece) override {
      if ((blobs_.room_ -= std::int64_t(piece.size())) < 0) return full();
      return writer_->write(piece);
    }
    Result<BlobInfo> commit() override { return writer_->commit(); }

   private:
    FillingBlobs& blobs_;
    std::unique_ptr<BlobWriter> writer_;
  };

  BlobStore& blobs_;
  std::atomic<std::int64_t> room_;
};

// Passes everything on while `fault` answers Ok.
class MoodyQueue final : public JobQueue {
 public:
  MoodyQueue(JobQueue& queue, std::function<Status()> fault) : queue_(queue), fault_(std::move(fault)) {}

  std::chrono::milliseconds ack_wait() const override { return queue_.ack_wait(); }
  Result<PublishAck> publish(const Job& job) override {
    ++publishes;
    TT_TRY(fault_());
    return queue_.publish(job);
  }
  Result<std::vector<std::unique_ptr<Delivery>>> fetch(JobClass job_class, int max,
                                                       std::chrono::milliseconds wait) override {
    return queue_.fetch(job_class, max, wait);
  }
  Status dead_letter(Delivery& delivery, const Error& reason) override { return queue_.dead_letter(delivery, reason); }
  Result<std::vector<DeadLetter>> dead_letters(std::uint64_t after, int max) override {
    return queue_.dead_letters(after, max);
  }
  Result<DeadLetter> read_dead_letter(std::uint64_t sequence) override { return queue_.read_dead_letter(sequence); }
  Status remove_dead_letter(std::uint64_t sequence) override { return queue_.remove_dead_letter(sequence); }
  Result<QueueDepth> depth() override { return queue_.depth(); }
  Status health() override { return fault_(); }

  std::atomic<int> publishes = 0;

 private:
  JobQueue& queue_;
  std::function<Status()> fault_;
};

}  // namespace tintype
