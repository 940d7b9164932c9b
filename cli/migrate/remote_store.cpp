#include "cli/migrate/remote_store.h"

#include <algorithm>
#include <format>
#include <mutex>
#include <vector>

#include "cli/http/farm_client.h"
#include "core/job/job_record.h"
#include "storage_client/row_text.h"

namespace tintype {
namespace {

std::unexpected<Error> only_read() {
  return fail(ErrorCode::kUnsupported, "a farm is only read by a migration, never written to");
}

// Connections to the farm, each used by one request at a time and kept for the next.
class Connections {
 public:
  explicit Connections(std::string url) : url_(std::move(url)) {}

  Result<std::string> get(const std::string& target, std::vector<std::string> headers = {}) {
    TT_ASSIGN(std::unique_ptr<HttpEngine> engine, take());
    HttpRequest request;
    request.url = url_ + target;
    request.headers = std::move(headers);
    request.stall_timeout = std::chrono::seconds(60);
    std::optional<Result<HttpAnswer>> answer;
    engine->start(std::move(request), [&answer](Result<HttpAnswer> got) { answer = std::move(got); });
    while (!answer) engine->poll(std::chrono::milliseconds(1000));
    give_back(std::move(engine));
    if (!*answer) return fail(answer->error());
    if ((*answer)->status >= 300) return fail(error_of(**answer));
    return std::move((*answer)->body);
  }

  Result<Json> get_json(const std::string& target) {
    TT_ASSIGN(std::string body, get(target));
    return json_of(HttpAnswer{200, std::move(body)});
  }

 private:
  Result<std::unique_ptr<HttpEngine>> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto engine = std::move(idle_.back());
        idle_.pop_back();
        return engine;
      }
    }
    return HttpEngine::create(farm_headers());
  }
  void give_back(std::unique_ptr<HttpEngine> engine) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(engine));
  }

  const std::string url_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<HttpEngine>> idle_;
};

std::string page_target(std::string_view path, const std::string& cursor, int limit) {
  std::string target = std::format("{}?limit={}", path, limit);
  if (!cursor.empty()) target += "&cursor=" + url_encoded(cursor);
  return target;
}

class RemoteReader final : public BlobReader {
 public:
  RemoteReader(Connections& farm, std::string target, std::uint64_t size)
      : farm_(farm), target_(std::move(target)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    if (offset >= size_ || out.empty()) return std::size_t{0};
    const std::uint64_t last = std::min<std::uint64_t>(offset + out.size(), size_) - 1;
    TT_ASSIGN(const std::string bytes, farm_.get(target_, {std::format("Range: bytes={}-{}", offset, last)}));
    if (bytes.size() != last - offset + 1)
      return fail(ErrorCode::kUnavailable, "the farm sent another range of a blob than was asked for");
    std::ranges::copy(as_bytes(bytes), out.begin());
    return bytes.size();
  }

 private:
  Connections& farm_;
  const std::string target_;
  const std::uint64_t size_;
};

class RemoteBlobs final : public BlobStore {
 public:
  explicit RemoteBlobs(Connections& farm) : farm_(farm) {}

  Result<std::unique_ptr<BlobReader>> open(const BlobKey& key) override {
    TT_ASSIGN(const BlobInfo info, stat(key));
    return std::make_unique<RemoteReader>(farm_, target_of(key), info.size);
  }
  Result<BlobInfo> stat(const BlobKey& key) override {
    TT_ASSIGN(const Json info, farm_.get_json(target_of(key) + "/info"));
    return BlobInfo{count_at(info, "bytes"), static_cast<UnixMs>(count_at(info, "written_at_ms"))};
  }
  Result<BlobListing> list(const std::string& after, int limit) override {
    TT_ASSIGN(const Json page, farm_.get_json(page_target("/v1/store/blobs", after, limit)));
    BlobListing listing;
    listing.next = text_at(page, "next");
    for (const Json& blob : array_at(page, "blobs")) {
      TT_ASSIGN(BlobKey key, BlobKey::parse(text_at(blob, "key")));
      listing.blobs.emplace_back(
          std::move(key), BlobInfo{count_at(blob, "bytes"), static_cast<UnixMs>(count_at(blob, "written_at_ms"))});
    }
    return listing;
  }

  Result<std::unique_ptr<BlobWriter>> create(const BlobKey&, std::uint64_t) override { return only_read(); }
  Status put_all(std::span<const BlobPut>) override { return only_read(); }
  Status remove(const BlobKey&) override { return only_read(); }
  Status remove_photo(const std::string&, PhotoId) override { return only_read(); }
  Result<std::uint64_t> free_bytes() override { return only_read(); }

 private:
  static std::string target_of(const BlobKey& key) { return "/v1/store/blobs/" + key.to_string(); }

  Connections& farm_;
};

class RemoteIndex final : public PhotoIndex {
 public:
  explicit RemoteIndex(Connections& farm) : farm_(farm) {}

  Result<Photo> get(const std::string& owner, PhotoId photo) override {
    TT_ASSIGN(const std::string text, farm_.get(std::format("/v1/store/photos/{}/{}", owner, photo.to_string())));
    return parse_photo(text);
  }
  Result<ListPage> list(const std::string& owner, const ListQuery& query) override {
    TT_ASSIGN(const std::string text, farm_.get(page_target("/v1/store/photos/" + owner, query.cursor, query.limit)));
    return parse_list_page(text);
  }
  Result<bool> owns_blobs(const std::string& owner, PhotoId photo) override {
    const auto row = get(owner, photo);
    if (!row && row.error().code == ErrorCode::kNotFound) return false;
    if (!row) return fail(row.error());
    return true;
  }

  Result<Created> create(const std::string&, const Photo&) override { return only_read(); }
  Result<std::vector<MonthCount>> months(const std::string&, ListOrder) override { return only_read(); }
  Result<std::optional<PhotoId>> find_idempotent(const std::string&, const std::string&) override {
    return only_read();
  }
  Status commit_manifest(const std::string&, PhotoId, const Manifest&, const LightUpdate&) override {
    return only_read();
  }
  Status set_job(const std::string&, PhotoId, const Job&) override { return only_read(); }
  Status renew_job(const std::string&, PhotoId, const Job&) override { return only_read(); }
  Status set_failed(const std::string&, PhotoId) override { return only_read(); }
  Status remove(const std::string&, PhotoId) override { return only_read(); }
  Result<RefPage> incomplete(const std::string&, int) override { return only_read(); }
  Result<RefPage> tombstones(const std::string&, int) override { return only_read(); }
  Status purge(const std::string&, PhotoId) override { return only_read(); }
  Status rebuild_lists(const std::string&) override { return only_read(); }

 private:
  Connections& farm_;
};

class RemoteJobs final : public JobStore {
 public:
  explicit RemoteJobs(Connections& farm) : farm_(farm) {}

  Result<JobPage> list(const JobQuery& query) override {
    TT_ASSIGN(const Json answer, farm_.get_json(page_target("/v1/store/jobs", query.cursor, query.limit)));
    JobPage page;
    page.next = text_at(answer, "next");
    for (const Json& text : array_at(answer, "records")) {
      if (!text.is_string()) return fail(ErrorCode::kInvalidArgument, "the farm sent a job record that is no text");
      TT_ASSIGN(JobRecord record, parse_job_record(text.get_ref<const std::string&>()));
      page.records.push_back(std::move(record));
    }
    return page;
  }

  Status put(const JobRecord&) override { return only_read(); }
  Result<JobRecord> get(JobId) override { return only_read(); }
  Result<JobRecord> update(JobId, const std::function<bool(JobRecord&)>&) override { return only_read(); }
  Status remove(JobId) override { return only_read(); }

 private:
  Connections& farm_;
};

class HttpStore final : public RemoteStore {
 public:
  explicit HttpStore(std::string url) : farm_(std::move(url)), blobs_(farm_), index_(farm_), jobs_(farm_) {}

  // Whether it is a farm that we may read from.
  Status check() {
    TT_TRY(blobs_.list("", 1));
    return {};
  }
  BlobStore& blobs() override { return blobs_; }
  PhotoIndex& index() override { return index_; }
  JobStore& jobs() override { return jobs_; }

 private:
  Connections farm_;
  RemoteBlobs blobs_;
  RemoteIndex index_;
  RemoteJobs jobs_;
};

}  // namespace

Result<std::unique_ptr<RemoteStore>> open_remote_store(const std::string& url) {
  auto store = std::make_unique<HttpStore>(url);
  TT_TRY(store->check());
  return store;
}

}  // namespace tintype
