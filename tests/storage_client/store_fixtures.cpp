#include "tests/storage_client/store_fixtures.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <map>

#include "core/base/digest.h"
#include "storage_client/cache/cached_blobs.h"
#include "storage_client/cache/cached_index.h"
#include "storage_client/failing_store.h"
#include "storage_client/memory/memory_store.h"

namespace tintype::testing {
namespace {

class MemoryUnderTest final : public StoreUnderTest {
 public:
  explicit MemoryUnderTest(const Clock& clock) : store_(make_memory_store(clock)) {}
  BlobStore& blobs() override { return *store_.blobs; }
  PhotoIndex& index() override { return *store_.index; }
  JobStore& jobs() override { return *store_.jobs; }

 private:
  MemoryStore store_;
};

class EmbeddedUnderTest final : public StoreUnderTest {
 public:
  explicit EmbeddedUnderTest(const Clock& clock) : store_(open_store(small_config(folder_.path()), clock)) {}
  BlobStore& blobs() override { return store_->blobs(); }
  PhotoIndex& index() override { return store_->index(); }
  JobStore& jobs() override { return store_->jobs(); }

 private:
  TemporaryFolder folder_{FolderOn::kMemory};
  std::unique_ptr<EmbeddedStore> store_;
};

class DecoratedUnderTest final : public StoreUnderTest {
 public:
  explicit DecoratedUnderTest(std::unique_ptr<StoreUnderTest> store)
      : store_(std::move(store)),
        blobs_(make_failing(store_->blobs(), never())),
        index_(make_failing(store_->index(), never())),
        jobs_(make_failing(store_->jobs(), never())) {}
  BlobStore& blobs() override { return *blobs_; }
  PhotoIndex& index() override { return *index_; }
  JobStore& jobs() override { return *jobs_; }

 private:
  static FaultPlan never() {
    return [](std::string_view) { return InjectedFault::kNone; };
  }
  std::unique_ptr<StoreUnderTest> store_;
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<PhotoIndex> index_;
  std::unique_ptr<JobStore> jobs_;
};

class CachedUnderTest final : public StoreUnderTest {
 public:
  explicit CachedUnderTest(std::unique_ptr<StoreUnderTest> store)
      : store_(std::move(store)),
        blobs_(make_cached(store_->blobs(), CachedBlobsConfig{100'000, 50'000}, metrics_)),
        index_(make_cached(store_->index(), CachedIndexConfig{20'000, 40'000}, metrics_)) {}
  BlobStore& blobs() override { return *blobs_; }
  PhotoIndex& index() override { return *index_; }
  JobStore& jobs() override { return store_->jobs(); }

 private:
  Metrics metrics_;
  std::unique_ptr<StoreUnderTest> store_;
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<PhotoIndex> index_;
};

Logger& quiet_log() {
  static Logger log(LogLevel::kOff);
  return log;
}

}  // namespace

TemporaryFolder::TemporaryFolder(FolderOn on) {
  const std::filesystem::path memory = "/dev/shm";
  const bool in_memory = on == FolderOn::kMemory && ::access(memory.c_str(), W_OK) == 0;
  std::string pattern =
      ((in_memory ? memory : std::filesystem::temp_directory_path()) / "tintype-store-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) std::abort();
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::unique_ptr<StoreUnderTest> make_memory_store_under_test(const Clock& clock) {
  return std::make_unique<MemoryUnderTest>(clock);
}

std::unique_ptr<StoreUnderTest> make_embedded_store_under_test(const Clock& clock) {
  return std::make_unique<EmbeddedUnderTest>(clock);
}

std::unique_ptr<StoreUnderTest> decorated(std::unique_ptr<StoreUnderTest> store) {
  return std::make_unique<DecoratedUnderTest>(std::move(store));
}

std::unique_ptr<StoreUnderTest> cached(std::unique_ptr<StoreUnderTest> store) {
  return std::make_unique<CachedUnderTest>(std::move(store));
}

std::string dump(BlobStore& blobs, PhotoIndex& index, JobStore& jobs, std::initializer_list<const char*> owners) {
  std::string out;
  for (const char* owner : owners) {
    for (ListOrder order : {ListOrder::kUploaded, ListOrder::kTaken}) {
      ListQuery query;
      query.by = order;
      query.limit = 1000;
      const ListPage page = index.list(owner, query).value();
      for (const LightRow& row : page.rows) {
        out += std::format("{} {}\n", owner, describe(index.get(owner, row.photo).value()));
      }
      const std::vector<MonthCount> months = index.months(owner, order).value();
      for (const auto& [month, photos] : months) out += std::format("{} month {}: {}\n", owner, month, photos);
    }
  }
  const RefPage incomplete = index.incomplete("", 1000).value();
  for (const PhotoRef& ref : incomplete.refs) {
    out += std::format("incomplete {} {} {}\n", ref.since_ms, ref.owner, ref.photo.to_string());
  }
  const RefPage deleted = index.tombstones("", 1000).value();
  for (const PhotoRef& ref : deleted.refs) {
    out += std::format("deleted {} {} {}\n", ref.since_ms, ref.owner, ref.photo.to_string());
  }
  const BlobListing listing = blobs.list("", 1000).value();
  std::map<std::string, std::string> listed;  // each store has an order of its own
  for (const auto& [key, info] : listing.blobs) {
    const std::string digest = to_hex(sha256(read_blob(blobs, key, 1 << 30).value()));
    listed[key.to_string()] = std::format("{} bytes at {}: {}", info.size, info.written_at_ms, digest);
  }
  for (const auto& [key, what] : listed) out += std::format("blob {} {}\n", key, what);
  JobQuery query;
  query.limit = 1000;
  const JobPage page = jobs.list(query).value();
  for (const JobRecord& record : page.records) out += to_json(record) + "\n";
  return out;
}

EmbeddedStoreConfig small_config(const std::string& dir) {
  EmbeddedStoreConfig config;
  config.dir = dir;
  config.cache_bytes = 4 << 20;
  config.write_buffer_bytes = 1 << 20;
  config.packed_blob_limit_bytes = 64 << 10;
  config.min_free_bytes = 0;
  return config;
}

std::unique_ptr<EmbeddedStore> open_store(const EmbeddedStoreConfig& config, const Clock& clock) {
  auto store = open_embedded_store(config, clock, quiet_log());
  if (!store) {
    std::fprintf(stderr, "%s\n", store.error().to_string().c_str());
    std::abort();
  }
  return *std::move(store);
}

PhotoId photo_id(UnixMs time_ms, std::uint64_t number) { return {PhotoId::first_at(time_ms).value + number}; }

Job sample_job(const std::string& owner, PhotoId photo, std::uint32_t generation) {
  Job job;
  job.id = {photo.value + 1};
  job.generation = generation;
  job.owner = owner;
  job.photo = photo;
  job.recipe = builtin_recipes().front();
  job.enqueued_at_ms = photo.time_ms();
  return job;
}

Photo sample_photo(const std::string& owner, PhotoId photo, const std::string& idempotency_key) {
  Photo made;
  made.light = {.photo = photo, .taken_at_ms = photo.time_ms(), .bytes = 3'000'000, .thumbhash = {}};
  made.heavy.file_name = "Größe & 1.jpg";
  made.heavy.content_type = "image/jpeg";
  made.heavy.sha256 = std::string(64, 'a');
  made.heavy.original_key = blob_key(owner, photo).to_string();
  made.heavy.idempotency_key = idempotency_key;
  made.heavy.job = sample_job(owner, photo);
  return made;
}

Manifest sample_manifest(std::uint64_t revision, int variants) {
  Manifest manifest;
  manifest.revision = revision;
  manifest.recipe_name = "web";
  manifest.recipe_version = "0123456789abcdef";
  manifest.source = {.width = 4000, .height = 3000, .bytes = 3'000'000};
  for (int i = 0; i < variants; ++i) {
    Variant variant;
    variant.name = std::format("{}.webp", 2048 >> (i / 2));
    variant.blob_key = std::format("anna/01jd000000000/0/{}-01jd000000001", variant.name);
    variant.width = 2048;
    variant.height = 1536;
    variant.bytes = 123'456;
    variant.sha256 = std::string(64, 'b');
    variant.encoder = "libwebp 1.5.0";
    variant.encode_seconds = 0.125;
    manifest.variants.push_back(variant);
  }
  return manifest;
}

JobRecord sample_record(JobId id, const std::string& owner) {
  JobRecord record;
  record.job = sample_job(owner, {id.value - 1});
  record.updated_at_ms = id.time_ms();
  return record;
}

BlobKey blob_key(const std::string& owner, PhotoId photo, const std::string& part) { return {owner, photo, 0, part}; }

Bytes pattern(std::size_t size, std::uint32_t seed) {
  Bytes bytes(size);
  std::uint32_t state = seed * 2654435761u + 1;
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 1664525u + 1013904223u;
    bytes.data()[i] = static_cast<std::uint8_t>(state >> 24);
  }
  return bytes;
}

std::string describe(const LightRow& row) {
  return std::format("{} taken {} {}x{} {}B format {} complete {} failed {} hash {}", row.photo.to_string(),
                     row.taken_at_ms, row.width, row.height, row.bytes,
                     row.format ? std::string(format_name(*row.format)) : "-", row.complete, row.failed,
                     to_hex(as_bytes(row.thumbhash)));
}

std::string describe(const Photo& photo) {
  const HeavyRow& heavy = photo.heavy;
  return std::format("{} | {} {} {} {} {} | {} | {} | {}", describe(photo.light), heavy.file_name, heavy.content_type,
                     heavy.sha256, heavy.original_key, heavy.idempotency_key, to_json(heavy.job),
                     to_json(heavy.manifest), heavy.exif_json);
}

Result<BlobInfo> write_blob(BlobStore& store, const BlobKey& key, ByteView bytes, std::size_t piece) {
  TT_ASSIGN(auto writer, store.create(key, bytes.size()));
  for (std::size_t offset = 0; offset < bytes.size(); offset += piece) {
    TT_TRY(writer->write(bytes.subspan(offset, std::min(piece, bytes.size() - offset))));
  }
  return writer->commit();
}

}  // namespace tintype::testing
