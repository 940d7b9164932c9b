// TusUploads: the resumable uploads that are under way, on disk and across restarts.
//
// What a request brought is durable when it was answered; what came of a request that was cut is kept too.
// The latest request to an upload wins: one that still writes, on a connection whose end nobody noticed, is
// told so. When the last byte is there the photo is made, under an idempotency key: a crash at any moment
// leaves either no photo and an upload to resume, or the photo. Thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/sha1.h"
#include "gateway/photos/photo_upload.h"
#include "gateway/recipes/recipe_book.h"
#include "gateway/tus/staged_totals.h"
#include "gateway/tus/tus_headers.h"
#include "gateway/tus/tus_upload.h"
#include "storage_client/staging_folder.h"

namespace tintype {

struct TusState {
  std::string id;
  TusUpload upload;
  std::uint64_t offset = 0;              // bytes that have come
  std::optional<UploadReceipt> receipt;  // of the photo that this very request made
};

class TusUploads {
 public:
  // `folder`, `recipes` and what `services` names must outlive it. An upload that nobody goes on with for
  // `ttl` is forgotten. `gateway`: which of several this is; its ids begin with it. Call sweep() once before
  // the first request: it counts what is there from before.
  TusUploads(StagingFolder& folder, const UploadServices& services, RecipeBook& recipes, std::chrono::milliseconds ttl,
             const StagingLimits& limits, const std::string& gateway);
  ~TusUploads();

  // Sets the expiry, and an idempotency key if there is none. kRateLimited and kStorageFull past the limits.
  Result<TusState> create(TusUpload upload);
  // kNotFound also for another owner's and for what has expired; kUnavailable for another gateway's.
  Result<TusState> find(const std::string& owner, const std::string& id);
  Status terminate(const std::string& owner, const std::string& id);

  // One request's bytes. Goes before its TusUploads does.
  class Append;
  // kConflict if the upload is not at `offset`.
  Result<std::unique_ptr<Append>> append(const std::string& owner, const std::string& id, std::uint64_t offset,
                                         const std::optional<TusChecksum>& checksum);

  // Removes what has expired.
  void sweep();

 private:
  struct Entry;

  Result<std::shared_ptr<Entry>> load(const std::string& id);
  // Of that owner and not expired.
  Result<std::shared_ptr<Entry>> entry_of(const std::string& owner, const std::string& id);
  // The rest: with the entry's mutex held.
  Status keep_progress(Entry& entry);
  Status roll_back(Entry& entry, std::uint64_t offset);
  Status remove(Entry& entry);
  // It takes no more room.
  void discount(Entry& entry);
  Result<UploadReceipt> make_photo(const Entry& entry);
  Result<UploadReceipt> complete(Entry& entry);

  StagingFolder& folder_;
  const UploadServices services_;
  RecipeBook& recipes_;
  const std::string id_prefix_;  // "GATEWAY-"; empty where there is one gateway
  const std::chrono::milliseconds ttl_;
  std::mutex mutex_;  // of entries_; never held while an entry's is taken
  std::map<std::string, std::shared_ptr<Entry>> entries_;
  StagedTotals totals_;
};

class TusUploads::Append {
 public:
  // `turn`: of the requests to the upload; `start`: where it is.
  Append(TusUploads& uploads, std::shared_ptr<Entry> entry, const std::optional<TusChecksum>& checksum,
         std::uint64_t turn, std::uint64_t start);

  // kConflict when a later request goes on with the upload; kImageTooLarge past its length.
  Status write(ByteView piece);
  // False: the bytes are not what Upload-Checksum says, and are forgotten.
  Result<bool> check();
  // All bytes of the request have come. Makes the photo if it was the last one's.
  Result<TusState> finish();
  // They have not: keeps what came, unless a checksum speaks of the whole of it.
  Status keep_what_came();

 private:
  Status check_turn() const;

  TusUploads& uploads_;
  const std::shared_ptr<Entry> entry_;
  const std::optional<TusChecksum> checksum_;
  Sha1Stream sha1_;
  Sha256Stream sha256_;
  const std::uint64_t turn_;
  const std::uint64_t start_;
};

}  // namespace tintype
