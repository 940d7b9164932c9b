// `tintype compress`: photos in folders to ladders of variants in a folder of results, through a farm.
#pragma once

#include <string>
#include <vector>

#include "cli/devices/device_options.h"

namespace tintype {

// What the command line says, not yet validated.
struct CompressOptions {
  std::vector<std::string> paths;
  std::string out_dir = "./out";
  std::string recipe = "web";  // a name, or a TOML file
  std::string farm;            // URL; empty: a farm for the occasion
  std::string job_class = "bulk";
  bool keep = false;  // photos stay in the farm
  bool json = false;
  bool retry_failed = false;                     // also photos that failed by their own fault
  int jobs_in_flight = 0;                        // 0: by the farm's slots
  DeviceOptions devices;                         // of a farm of our own
  std::string serve_program = "/proc/self/exe";  // what a farm of our own is started with
};

// Returns the exit status. Results and summary go to stdout, progress and errors to stderr.
int run_compress(const CompressOptions& options);

}  // namespace tintype
