// What the tests of stores share: stores of each kind over temporary folders, and sample rows.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "storage_client/blob_store.h"
#include "storage_client/embedded/embedded_store.h"
#include "storage_client/job_store.h"
#include "storage_client/photo_index.h"

namespace tintype::testing {

// kMemory: on a file system in memory where there is one; flushes cost nothing there. kDisk: where TMPDIR says.
enum class FolderOn { kDisk, kMemory };

class TemporaryFolder {
 public:
  explicit TemporaryFolder(FolderOn on = FolderOn::kDisk);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Three seams and what they stand on.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual BlobStore& blobs() = 0;
  virtual PhotoIndex& index() = 0;
  virtual JobStore& jobs() = 0;
};
std::unique_ptr<StoreUnderTest> make_memory_store_under_test(const Clock& clock);
std::unique_ptr<StoreUnderTest> make_embedded_store_under_test(const Clock& clock);
// Through a failing decorator that never fails; through caches so small that they are always pushing something out.
std::unique_ptr<StoreUnderTest> decorated(std::unique_ptr<StoreUnderTest> store);
std::unique_ptr<StoreUnderTest> cached(std::unique_ptr<StoreUnderTest> store);

// A kind of store, of which each test makes an empty one.
struct StoreCase {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>(const Clock&)> make;
};
inline void PrintTo(const StoreCase& store, std::ostream* out) { *out << store.name; }

// What the suites of this folder run on: defined by each program that has them.
std::vector<StoreCase> store_cases();
std::vector<StoreCase> undecorated_store_cases();

// All that the store answers about these owners, their blobs and all jobs, as text: equal stores give equal text.
std::string dump(BlobStore& blobs, PhotoIndex& index, JobStore& jobs, std::initializer_list<const char*> owners);

// A small embedded store's configuration: little memory, blobs above 64 KiB are files, no reserve.
EmbeddedStoreConfig small_config(const std::string& dir);
// Ends the test program if it does not open.
std::unique_ptr<EmbeddedStore> open_store(const EmbeddedStoreConfig& config, const Clock& clock);

PhotoId photo_id(UnixMs time_ms, std::uint64_t number = 0);
Job sample_job(const std::string& owner, PhotoId photo, std::uint32_t generation = 0);
Photo sample_photo(const std::string& owner, PhotoId photo, const std::string& idempotency_key = "");
Manifest sample_manifest(std::uint64_t revision, int variants = 8);
JobRecord sample_record(JobId id, const std::string& owner = "anna");
BlobKey blob_key(const std::string& owner, PhotoId photo, const std::string& part = "original");

// Bytes that differ at every offset and by seed.
Bytes pattern(std::size_t size, std::uint32_t seed = 1);

// All there is to compare of a row, as text.
std::string describe(const LightRow& row);
std::string describe(const Photo& photo);

// Writes `bytes` under `key` in pieces.
Result<BlobInfo> write_blob(BlobStore& store, const BlobKey& key, ByteView bytes, std::size_t piece = 10'000);

}  // namespace tintype::testing
