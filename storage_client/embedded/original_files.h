// Blobs that are files: DIR/originals/<2 hex>/<owner>.<photo>.<generation>.<part>.
//
// The two digits come from owner and photo, so all files of a photo lie in one folder. No field but the last can
// hold a dot, so a name leads back to its key; none can hold a slash, so a key never leads out of the folder.
// Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "storage_client/blob_store.h"
#include "storage_client/embedded/files.h"

namespace tintype::embedded {

class OriginalFiles {
 public:
  static constexpr unsigned kFolders = 256;

  // Makes DIR/originals and DIR/incoming if they are missing, and empties DIR/incoming.
  static Result<std::unique_ptr<OriginalFiles>> open(const std::string& dir);

  // A file in DIR/incoming to write to, then to publish.
  Result<NewFile> start();
  // Takes a flushed file. kAlreadyExists if the key has one that is to be kept.
  Result<BlobInfo> publish(NewFile& file, const BlobKey& key, NewFile::Existing existing);

  // The rest answer kNotFound, or nothing, if the key has no file.
  Result<std::unique_ptr<BlobReader>> open_reader(const BlobKey& key);
  Result<std::optional<BlobInfo>> stat(const BlobKey& key);
  Status remove(const BlobKey& key);
  Status remove_photo(const std::string& owner, PhotoId photo);

  // Up to `limit` files after the one of `after`, folder by folder.
  Result<std::vector<std::pair<BlobKey, BlobInfo>>> list(const std::optional<BlobKey>& after, std::size_t limit);

 private:
  explicit OriginalFiles(const std::string& dir) : incoming_(dir + "/incoming"), originals_(dir + "/originals") {}

  // Makes the folder durable before the first file goes into it. They are made one by one: all at once would take
  // seconds on a busy disk.
  Status prepare_folder(unsigned number);
  std::string folder(unsigned number) const;
  std::string folder_of(const std::string& owner, PhotoId photo) const;
  std::string path_of(const BlobKey& key) const;

  std::string incoming_;
  std::string originals_;
  std::atomic<std::uint64_t> started_ = 0;
  std::mutex mutex_;  // of making folders
  std::array<std::atomic<bool>, kFolders> prepared_{};
};

}  // namespace tintype::embedded
