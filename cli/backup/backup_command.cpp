#include "cli/backup/backup_command.h"

#include <filesystem>
#include <format>

#include "cli/backup/backup_folder.h"
#include "cli/exit_codes.h"
#include "cli/files.h"
#include "cli/text/human.h"
#include "cli/text/utf8.h"
#include "core/base/clock.h"

namespace tintype {
namespace {

Result<BackupDone> copy_snapshot(const std::string& folder, const std::string& dest) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder, ignored)) {
    return fail(
        ErrorCode::kNotFound,
        std::format("the farm's snapshot {} cannot be seen from here; run this on the farm's machine, as a user "
                    "who may read its data",
                    folder));
  }
  return write_backup(folder, dest, SystemClock().now_ms());
}

}  // namespace

int run_backup(const FarmOptions& options, const BackupOptions& backup) {
  return with_farm("backup", options, [&](FarmClient& farm) -> Result<int> {
    TT_ASSIGN(const Json snapshot, farm.post_json("/v1/snapshot"));
    const auto done = copy_snapshot(text_at(snapshot, "folder"), backup.place);
    const auto dropped = farm.call("DELETE", "/v1/snapshot");
    if (!done) return fail(done.error());
    if (!dropped) return fail(dropped.error());
    if (options.json) {
      print_json({{"folder", done->folder},
                  {"files", done->files},
                  {"bytes", done->bytes},
                  {"copied_files", done->copied_files},
                  {"copied_bytes", done->copied_bytes}});
    } else {
      print(std::format("{}: {}, {}; {} of it new\n", printable(done->folder), counted(done->files, "file", "files"),
                        human_bytes(done->bytes), human_bytes(done->copied_bytes)));
    }
    return kExitOk;
  });
}

int run_restore(const BackupOptions& options) {
  if (const Status made = make_folders(options.data_dir); !made) return report_error("restore", made.error());
  const auto done = restore_backup(options.place, options.data_dir);
  if (!done) return report_error("restore", done.error());
  print(std::format("{}: {}, {}, every byte as it was backed up\nStart the farm: tintype serve --data {}\n",
                    printable(done->folder), counted(done->files, "file", "files"), human_bytes(done->bytes),
                    printable(options.data_dir)));
  return kExitOk;
}

}  // namespace tintype
