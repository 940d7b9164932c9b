#include "storage_client/embedded/original_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <format>

namespace tintype::embedded {
namespace {

// FNV-1a folded to a byte. Part of the format: a file is looked for where this says.
unsigned folder_number(std::string_view owner, PhotoId photo) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  const auto add = [&](unsigned char byte) { hash = (hash ^ byte) * 0x100000001b3u; };
  for (char c : owner) add(static_cast<unsigned char>(c));
  for (int shift = 56; shift >= 0; shift -= 8) add(static_cast<unsigned char>(photo.value >> shift));
  return static_cast<unsigned>((hash ^ hash >> 32) % OriginalFiles::kFolders);
}

std::string photo_prefix(const std::string& owner, PhotoId photo) {
  return std::format("{}.{}.", owner, photo.to_string());
}

std::string file_name(const BlobKey& key) {
  return std::format("{}{}.{}", photo_prefix(key.owner, key.photo), key.generation, key.part);
}

std::optional<BlobKey> parse_file_name(std::string name) {
  std::size_t dot = 0;
  for (int field = 0; field < 3; ++field) {
    dot = name.find('.', dot);
    if (dot == std::string::npos) return std::nullopt;
    name[dot] = '/';
  }
  auto key = BlobKey::parse(name);
  if (!key) return std::nullopt;
  return *std::move(key);
}

BlobInfo info_of(const struct stat& file) {
  return {static_cast<std::uint64_t>(file.st_size), file.st_mtim.tv_sec * 1000 + file.st_mtim.tv_nsec / 1'000'000};
}

// The names in a folder that start with `prefix`; none if no file ever made it.
Result<std::vector<std::string>> names_in(const std::string& folder, std::string_view prefix) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    if (name.starts_with(prefix)) names.push_back(std::move(name));
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return fail(file_error(error.value(), "listing " + folder));
  }
  return names;
}

class FileReader final : public BlobReader {
 public:
  FileReader(std::string path, UniqueFd fd, std::uint64_t size)
      : path_(std::move(path)), fd_(std::move(fd)), size_(size) {}

  std::uint64_t size() const override { return size_; }

  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    if (offset >= size_) return 0;
    const auto wanted = out.first(std::min<std::uint64_t>(out.size(), size_ - offset));
    TT_ASSIGN(const std::size_t got, read_at(fd_.get(), offset, wanted));
    if (got == wanted.size()) return got;
    return fail(ErrorCode::kCorruptData,
                std::format("{}: shorter than when it was opened; restore it from a backup", path_));
  }

 private:
  std::string path_;
  UniqueFd fd_;
  std::uint64_t size_;
};

}  // namespace

Result<std::unique_ptr<OriginalFiles>> OriginalFiles::open(const std::string& dir) {
  std::unique_ptr<OriginalFiles> files(new OriginalFiles(dir));
  TT_TRY(make_folders(files->incoming_));
  TT_TRY(make_folders(files->originals_));
  TT_TRY(sync_folder(files->originals_));  // the folders of a process that was killed between making and flushing
  TT_TRY(remove_files_in(files->incoming_));
  return files;
}

std::string OriginalFiles::folder(unsigned number) const { return std::format("{}/{:02x}", originals_, number); }

std::string OriginalFiles::folder_of(const std::string& owner, PhotoId photo) const {
  return folder(folder_number(owner, photo));
}

std::string OriginalFiles::path_of(const BlobKey& key) const {
  return std::format("{}/{}", folder_of(key.owner, key.photo), file_name(key));
}

Result<NewFile> OriginalFiles::start() { return NewFile::create(std::format("{}/{}", incoming_, ++started_)); }

Status OriginalFiles::prepare_folder(unsigned number) {
  if (prepared_[number]) return {};
  std::lock_guard lock(mutex_);
  TT_ASSIGN(const bool made, make_folder(folder(number)));
  if (made) TT_TRY(sync_folder(originals_));
  prepared_[number] = true;
  return {};
}

Result<BlobInfo> OriginalFiles::publish(NewFile& file, const BlobKey& key, NewFile::Existing existing) {
  const unsigned number = folder_number(key.owner, key.photo);
  TT_TRY(prepare_folder(number));
  TT_TRY(file.publish(folder(number), file_name(key), existing));
  return BlobInfo{file.size(), file.written_at_ms()};
}

Result<std::unique_ptr<BlobReader>> OriginalFiles::open_reader(const BlobKey& key) {
  std::string path = path_of(key);
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat file;
  if (!fd && errno == ENOENT) {
    return fail(ErrorCode::kNotFound, std::format("blob {} does not exist", key.to_string()));
  }
  if (!fd || ::fstat(fd.get(), &file) != 0) return fail(file_error(errno, "opening " + path));
  return std::make_unique<FileReader>(std::move(path), std::move(fd), info_of(file).size);
}

Result<std::optional<BlobInfo>> OriginalFiles::stat(const BlobKey& key) {
  const std::string path = path_of(key);
  struct stat file;
  if (::stat(path.c_str(), &file) == 0) return info_of(file);
  if (errno == ENOENT) return std::nullopt;
  return fail(file_error(errno, "looking at " + path));
}

Status OriginalFiles::remove(const BlobKey& key) {
  const std::string path = path_of(key);
  if (::unlink(path.c_str()) == 0) return sync_folder(folder_of(key.owner, key.photo));
  if (errno == ENOENT) return {};
  return fail(file_error(errno, "removing " + path));
}

Status OriginalFiles::remove_photo(const std::string& owner, PhotoId photo) {
  const std::string folder = folder_of(owner, photo);
  TT_ASSIGN(const auto names, names_in(folder, photo_prefix(owner, photo)));
  if (names.empty()) return {};
  for (const std::string& name : names) {
    const std::string path = std::format("{}/{}", folder, name);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail(file_error(errno, "removing " + path));
  }
  return sync_folder(folder);
}

Result<std::vector<std::pair<BlobKey, BlobInfo>>> OriginalFiles::list(const std::optional<BlobKey>& after,
                                                                      std::size_t limit) {
  std::vector<std::pair<BlobKey, BlobInfo>> found;
  const unsigned first = after ? folder_number(after->owner, after->photo) : 0;
  for (unsigned number = first; number < kFolders; ++number) {
    TT_ASSIGN(auto names, names_in(folder(number), ""));
    std::ranges::sort(names);
    auto name = after && number == first ? std::ranges::upper_bound(names, file_name(*after)) : names.begin();
    for (; name != names.end(); ++name) {
      auto key = parse_file_name(*name);
      if (!key) continue;
      TT_ASSIGN(const auto info, stat(*key));
      if (!info) continue;
      if (found.size() == limit) return found;
      found.emplace_back(*std::move(key), *info);
    }
  }
  return found;
}

}  // namespace tintype::embedded
