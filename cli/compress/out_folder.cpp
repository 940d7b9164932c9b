#include "cli/compress/out_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <format>

#include "cli/files.h"
#include "cli/text/utf8.h"

namespace tintype {

namespace fs = std::filesystem;

namespace {

// A folder that takes no results is a wrong argument; a full disk is not.
Error refused_folder(Error error) {
  if (error.code == ErrorCode::kStorageFull) return error;
  return {ErrorCode::kInvalidArgument, error.message + "; another folder for the results can be named with --out DIR"};
}

}  // namespace

Result<OutFolder> OutFolder::open(const std::string& dir) {
  std::error_code error;
  TT_ASSIGN(const fs::path absolute, absolute_path(dir));
  if (fs::exists(absolute, error) && !fs::is_directory(absolute, error)) {
    return fail(ErrorCode::kInvalidArgument,
                std::format("{} is not a folder: name another for the results with --out DIR", printable(dir)));
  }
  if (Status made = make_folders(absolute.string() + "/.tintype/part"); !made) {
    return fail(refused_folder(std::move(made).error()));
  }
  const std::string lock_file = absolute.string() + "/.tintype/lock";
  UniqueFd lock(::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!lock) return fail(refused_folder(error_from_errno(errno, "opening " + lock_file)));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(
        ErrorCode::kConflict,
        std::format("another `tintype compress` is working in {}: wait for its end, or name another folder with "
                    "--out DIR",
                    printable(absolute.string())));
  }
  return OutFolder(absolute, std::move(lock));
}

Status OutFolder::mark_farm_kept() const {
  return replace_text_file(state_dir() + "/farm.kept", "made by tintype compress --keep\n");
}

bool OutFolder::is_farm_kept() const {
  std::error_code ignored;
  return fs::exists(state_dir() + "/farm.kept", ignored);
}

void OutFolder::clear_parts() const {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(part_dir(), ignored)) fs::remove(entry.path(), ignored);
}

Status OutFolder::remove_farm_data() const {
  std::error_code error;
  fs::remove_all(farm_dir(), error);
  if (error) return fail(error_from_errno(error.value(), "removing " + farm_dir()));
  for (const std::string& file : {farm_log(), farm_port_file(), farm_pid_file()}) fs::remove(file, error);
  return {};
}

bool is_result_folder(const std::string& dir) {
  std::error_code ignored;
  return fs::exists(dir + "/.tintype/journal.jsonl", ignored);
}

bool is_reserved_name(std::string_view name) { return name == "index.html" || name == ".tintype"; }

}  // namespace tintype
