#include "cli/compress/part_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <format>
#include <utility>

#include "cli/files.h"

namespace tintype {

Result<PartFile> PartFile::create(std::string path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) return fail(error_from_errno(errno, "making " + path));
  return PartFile(std::move(path), std::move(fd));
}

PartFile::PartFile(PartFile&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      fd_(std::move(other.fd_)),
      digest_(std::move(other.digest_)),
      bytes_(other.bytes_) {}

PartFile::~PartFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

Status PartFile::write(ByteView piece) {
  digest_.update(piece);
  bytes_ += piece.size();
  while (!piece.empty()) {
    const ssize_t put = ::write(fd_.get(), piece.data(), piece.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail(error_from_errno(errno, "writing " + path_));
    piece = piece.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

Status PartFile::check(std::uint64_t bytes, const std::string& sha256_hex) {
  if (bytes_ != bytes) {
    return fail(ErrorCode::kCorruptData, std::format("{} bytes came where {} were promised", bytes_, bytes));
  }
  if (to_hex(digest_.finish()) != sha256_hex) {
    return fail(ErrorCode::kCorruptData, "what came does not have the digest that the farm named");
  }
  return {};
}

Status PartFile::move_to(const std::string& path) {
  if (::rename(path_.c_str(), path.c_str()) != 0) {
    if (errno == ENOENT) {
      TT_TRY(make_folders(std::filesystem::path(path).parent_path()));
      if (::rename(path_.c_str(), path.c_str()) == 0) return path_.clear(), Status{};
    }
    return fail(error_from_errno(errno, "writing " + path));
  }
  path_.clear();
  return {};
}

}  // namespace tintype
