#include "storage_client/embedded/snapshot.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <format>

#include "storage_client/embedded/files.h"

namespace tintype::embedded {
namespace {

namespace fs = std::filesystem;

// Every file below `from`, linked under the same name below `to`.
Status link_all(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to, error);
  fs::recursive_directory_iterator it(from, error), end;
  for (; !error && it != end; it.increment(error)) {
    const fs::path target = to / it->path().lexically_relative(from);
    if (it->is_directory(error)) {
      fs::create_directory(target, error);
    } else if (!error && ::link(it->path().c_str(), target.c_str()) != 0 && errno != ENOENT) {
      return fail(file_error(errno, std::format("linking {} to {}", it->path().string(), target.string())));
    }
  }
  if (error) return fail(file_error(error.value(), "taking a snapshot of " + from.string()));
  return {};
}

Status fill(const std::string& dir, const std::string& folder, Database& database) {
  TT_TRY(make_folders(folder));
  TT_TRY(database.checkpoint(folder + "/db"));
  for (const char* part : {"originals", "packs"}) TT_TRY(link_all(fs::path(dir) / part, fs::path(folder) / part));
  if (::link((dir + "/FORMAT").c_str(), (folder + "/FORMAT").c_str()) != 0) {
    return fail(file_error(errno, "linking " + dir + "/FORMAT"));
  }
  return {};
}

}  // namespace

std::string snapshot_folder(const std::string& dir) { return dir + "/snapshot"; }

Status make_snapshot(const std::string& dir, Database& database) {
  const std::string folder = snapshot_folder(dir);
  std::error_code ignored;
  if (fs::exists(folder, ignored)) {
    return fail(ErrorCode::kAlreadyExists,
                std::format("store {}: another backup is being taken; wait until it has ended", dir));
  }
  Status filled = fill(dir, folder, database);
  if (!filled) fs::remove_all(folder, ignored);
  return filled;
}

Result<bool> remove_snapshot(const std::string& dir) {
  std::error_code error;
  const bool removed = fs::remove_all(snapshot_folder(dir), error) > 0;
  if (error) return fail(file_error(error.value(), "removing " + snapshot_folder(dir)));
  return removed;
}

}  // namespace tintype::embedded
