#include "storage_client/embedded/pack_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <format>
#include <optional>

#include "storage_client/embedded/byte_order.h"
#include "storage_client/embedded/files.h"
#include "storage_client/embedded/rows.h"

namespace tintype::embedded {
namespace {

constexpr std::uint64_t kPackBytes = 64ull << 20;
constexpr std::uint64_t kBlockBytes = 4096;
constexpr std::string_view kSuffix = ".pack";

std::optional<std::uint64_t> parse_number(std::string_view name) {
  std::uint64_t number = 0;
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number, 16);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

Result<std::vector<std::uint64_t>> packs_in(const std::string& folder) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (const auto number = parse_number(it->path().filename().string())) numbers.push_back(*number);
  }
  if (error) return fail(file_error(error.value(), "listing " + folder));
  return numbers;
}

// Neighbours become one: fewer holes to make, and no block is left between them.
std::vector<Extent> merged(std::vector<Extent> extents) {
  std::ranges::sort(extents, {}, [](const Extent& e) { return std::pair(e.pack, e.offset); });
  std::vector<Extent> out;
  for (const Extent& extent : extents) {
    if (!out.empty() && out.back().pack == extent.pack && out.back().offset + out.back().size == extent.offset) {
      out.back().size += extent.size;
    } else if (extent.size > 0) {
      out.push_back(extent);
    }
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<PackFiles>> PackFiles::open(const std::string& dir, Database& database, Logger& log) {
  std::unique_ptr<PackFiles> packs(new PackFiles(dir + "/packs", log));
  TT_TRY(make_folders(packs->folder_));
  TT_TRY(packs->settle(database));
  TT_TRY(packs->check_holes());
  return packs;
}

Status PackFiles::settle(Database& database) {
  // Past every number in use, also of a pack that somebody deleted.
  TT_ASSIGN(const auto newest, database.last_extent(all_extents()));
  if (newest) next_number_ = newest->pack + 1;
  TT_ASSIGN(const auto numbers, packs_in(folder_));
  for (std::uint64_t number : numbers) {
    next_number_ = std::max(next_number_, number + 1);
    const std::string path = path_of(number);
    TT_ASSIGN(const auto last, database.last_extent(extents_of(number)));
    if (!last) {
      if (::unlink(path.c_str()) != 0) return fail(file_error(errno, "removing " + path));
      continue;
    }
    struct stat file;
    if (::stat(path.c_str(), &file) != 0) return fail(file_error(errno, "looking at " + path));
    const auto end = static_cast<off_t>(last->offset + last->size);
    if (file.st_size > end && ::truncate(path.c_str(), end) != 0) {
      return fail(file_error(errno, "shortening " + path));
    }
    if (file.st_size < end) {
      log_.error("store_pack_too_short", {{"pack", path}, {"bytes", file.st_size}, {"expected", end}});
    }
  }
  return {};
}

Status PackFiles::check_holes() {
  const std::string path = folder_ + "/holes.probe";
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kFileMode));
  if (!fd || ::unlink(path.c_str()) != 0) return fail(file_error(errno, "creating " + path));
  if (::fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, kBlockBytes) != 0 && errno == EOPNOTSUPP) {
    log_.warning(
        "store_cannot_make_holes",
        {{"folder", folder_}, {"effect", "space of removed variants is given back a pack at a time, at start"}});
  }
  return {};
}

std::string PackFiles::path_of(std::uint64_t number) const {
  return std::format("{}/{:08x}{}", folder_, number, kSuffix);
}

Result<std::pair<std::shared_ptr<PackFiles::Pack>, std::uint64_t>> PackFiles::reserve(std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  if (!current_ || current_->end + bytes > kPackBytes) {
    const std::uint64_t number = next_number_++;
    const std::string path = path_of(number);
    UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
    if (!fd) return fail(file_error(errno, "creating " + path));
    TT_TRY(sync_folder(folder_));
    current_ = std::make_shared<Pack>(number, std::move(fd));
  }
  const std::uint64_t offset = (current_->end + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  current_->end = offset + bytes;
  return std::pair(current_, offset);
}

void PackFiles::abandon(const Pack& pack) {
  std::lock_guard lock(mutex_);
  if (current_.get() == &pack) current_.reset();
}

Result<std::vector<Extent>> PackFiles::append(std::span<const ByteView> blobs) {
  std::uint64_t bytes = 0;
  for (ByteView blob : blobs) bytes += blob.size();
  TT_ASSIGN(const auto place, reserve(bytes));
  const auto& [pack, start] = place;
  std::vector<Extent> extents;
  std::uint64_t offset = start;
  for (ByteView blob : blobs) {
    extents.push_back({pack->number, offset, blob.size()});
    offset += blob.size();
  }
  const auto write = [&]() -> Status {
    for (std::size_t i = 0; i < blobs.size(); ++i) TT_TRY(write_at(pack->fd.get(), extents[i].offset, blobs[i]));
    if (::fdatasync(pack->fd.get()) != 0) return fail(file_error(errno, "flushing"));
    return {};
  };
  if (auto written = write(); !written) {
    // After a failed flush nobody knows which of the pack's last pages are on the disk.
    abandon(*pack);
    return fail(written.error().code, std::format("{}: {}", path_of(pack->number), written.error().message));
  }
  return extents;
}

Result<Bytes> PackFiles::read(const Extent& extent) const {
  Bytes bytes(extent.size);
  if (bytes.empty()) return bytes;
  const std::string path = path_of(extent.pack);
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno != ENOENT) return fail(file_error(errno, "opening " + path));
  std::size_t got = 0;
  if (fd) {
    TT_ASSIGN(got, read_at(fd.get(), extent.offset, bytes.mutable_view()));
  }
  if (got == bytes.size()) return bytes;
  return fail(ErrorCode::kCorruptData,
              std::format("{}: bytes are missing from it; restore the store from a backup", path));
}

void PackFiles::hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

Status PackFiles::let_go() {
  std::vector<Extent> extents;
  {
    const std::lock_guard lock(mutex_);
    held_ = false;
    extents = std::move(held_back_);
  }
  return punch(std::move(extents));
}

Status PackFiles::release_gaps(Database& database) {
  TT_ASSIGN(const auto numbers, packs_in(folder_));
  std::vector<Extent> gaps;
  for (const std::uint64_t number : numbers) {
    std::uint64_t end = 0;
    RangeScan scan(database, Family::kBlobs, extents_of(number));
    for (; scan.valid(); scan.next()) {
      const auto extent = decode_extent(scan.key(), scan.value());
      if (!extent) return database.corrupt("a pack's row");
      if (extent->offset > end) gaps.push_back({number, end, extent->offset - end});
      end = extent->offset + extent->size;
    }
    TT_TRY(scan.status());
  }
  return punch(std::move(gaps));
}

Status PackFiles::release(std::vector<Extent> extents) {
  {
    const std::lock_guard lock(mutex_);
    if (held_) {
      held_back_.insert(held_back_.end(), extents.begin(), extents.end());
      return {};
    }
  }
  return punch(std::move(extents));
}

Status PackFiles::punch(std::vector<Extent> extents) {
  for (const Extent& extent : merged(std::move(extents))) {
    const std::string path = path_of(extent.pack);
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd && errno == ENOENT) continue;
    if (!fd) return fail(file_error(errno, "opening " + path));
    if (::fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(extent.offset),
                    static_cast<off_t>(extent.size)) != 0 &&
        errno != EOPNOTSUPP) {
      return fail(file_error(errno, "removing a blob from " + path));
    }
  }
  return {};
}

}  // namespace tintype::embedded
