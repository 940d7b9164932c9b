#include "storage_client/embedded/folder_documents.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <mutex>

#include <unistd.h>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/digest.h"
#include "storage_client/embedded/files.h"

namespace tintype {
namespace {

constexpr const char* kUnderWay = ".partial";

class FolderDocuments final : public Documents {
 public:
  explicit FolderDocuments(std::string folder) : folder_(std::move(folder)) {}

  Result<Document> read(const std::string& name) override {
    TT_TRY(check_document_name(name));
    const std::lock_guard lock(mutex_);
    return read_file(name);
  }

  Result<std::uint64_t> version(const std::string& name) override {
    TT_TRY(check_document_name(name));
    const std::lock_guard lock(mutex_);
    return version_now(name);
  }

  Result<std::uint64_t> write(const std::string& name, const std::string& text, std::uint64_t expected) override {
    TT_TRY(check_document_name(name));
    TT_TRY(check_document_text(name, text));
    const std::lock_guard lock(mutex_);
    TT_ASSIGN(const std::uint64_t now, version_now(name));
    if (now != expected) return fail(ErrorCode::kConflict, std::format("the document {} was changed meanwhile", name));
    const std::string partial = folder_ + "/" + kUnderWay;
    ::unlink(partial.c_str());  // of a process that died over it
    TT_ASSIGN(embedded::NewFile file, embedded::NewFile::create(partial));
    TT_TRY(file.write(as_bytes(text)));
    TT_TRY(file.flush(SystemClock().now_ms()));
    TT_TRY(file.publish(folder_, file_name(name), embedded::NewFile::Existing::kReplace));
    return version_of(text);
  }

  Status remove(const std::string& name) override {
    TT_TRY(check_document_name(name));
    const std::lock_guard lock(mutex_);
    if (::unlink((folder_ + "/" + file_name(name)).c_str()) != 0 && errno != ENOENT)
      return fail(embedded::file_error(errno, "removing the document " + name));
    return embedded::sync_folder(folder_);
  }

  Result<std::vector<std::string>> names(const std::string& prefix) override {
    std::vector<std::string> names;
    const std::lock_guard lock(mutex_);
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, failed)) {
      std::string name = entry.path().filename().string();
      std::ranges::replace(name, '+', '/');
      if (name != kUnderWay && name.starts_with(prefix)) names.push_back(std::move(name));
    }
    if (failed) return fail(embedded::file_error(failed.value(), "listing " + folder_));
    std::ranges::sort(names);
    return names;
  }

 private:
  // A name has no plus sign.
  static std::string file_name(std::string name) {
    std::ranges::replace(name, '/', '+');
    return name;
  }
  static std::uint64_t version_of(const std::string& text) {
    const Sha256 digest = sha256(as_bytes(text));
    std::uint64_t version = 0;
    for (int i = 0; i < 8; ++i) version = version << 8 | digest[static_cast<std::size_t>(i)];
    return std::max<std::uint64_t>(version, 1);
  }
  Result<Document> read_file(const std::string& name) {
    const std::string path = folder_ + "/" + file_name(name);
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored))
      return fail(ErrorCode::kNotFound, std::format("there is no document {}", name));
    std::ifstream in(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in) return fail(ErrorCode::kIo, std::format("the document {} cannot be read from {}", name, path));
    const std::uint64_t version = version_of(text);
    return Document{std::move(text), version};
  }
  Result<std::uint64_t> version_now(const std::string& name) {
    const auto document = read_file(name);
    if (document) return document->version;
    if (document.error().code == ErrorCode::kNotFound) return 0;
    return fail(document.error());
  }

  const std::string folder_;
  std::mutex mutex_;
};

}  // namespace

Result<std::unique_ptr<Documents>> open_folder_documents(const std::string& folder) {
  TT_TRY(embedded::make_folders(folder));
  return std::make_unique<FolderDocuments>(folder);
}

}  // namespace tintype
