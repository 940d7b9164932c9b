// OutFolder: a folder of results: the ladders, index.html beside them, and our own notes in .tintype/.
//
//   DIR/<place>/<variant>          DIR/Pictures/2019/a.jpg/1024.webp
//   DIR/index.html                 the page
//   DIR/.tintype/journal.jsonl     what was done; running again goes on from there
//   DIR/.tintype/part/             variants on their way in
//   DIR/.tintype/farm/             the data of a farm of our own, while it is needed
//   DIR/.tintype/farm.log          and farm.port, farm.pid; farm.kept while its photos are to stay
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/base/unique_fd.h"

namespace tintype {

class OutFolder {
 public:
  // Makes the folder if need be and locks it until destruction. kConflict if another process has it locked.
  static Result<OutFolder> open(const std::string& dir);

  const std::string& dir() const { return dir_; }  // absolute, no slash at its end
  std::string state_dir() const { return dir_ + "/.tintype"; }
  std::string journal_file() const { return state_dir() + "/journal.jsonl"; }
  std::string part_dir() const { return state_dir() + "/part"; }
  std::string farm_dir() const { return state_dir() + "/farm"; }
  std::string farm_log() const { return state_dir() + "/farm.log"; }
  std::string farm_port_file() const { return state_dir() + "/farm.port"; }
  std::string farm_pid_file() const { return state_dir() + "/farm.pid"; }
  std::string page_file() const { return dir_ + "/index.html"; }

  // Photos are to stay in the farm of our own: its data is not removed any more.
  Status mark_farm_kept() const;
  bool is_farm_kept() const;

  // What an interrupted run left half-written.
  void clear_parts() const;
  Status remove_farm_data() const;

 private:
  OutFolder(std::string dir, UniqueFd lock) : dir_(std::move(dir)), lock_(std::move(lock)) {}

  std::string dir_;
  UniqueFd lock_;
};

// True if `dir` holds results of ours.
bool is_result_folder(const std::string& dir);

// True for the first part of a place that is a name of ours in the folder of results.
bool is_reserved_name(std::string_view name);

}  // namespace tintype
