// What `tintype doctor` looks at: each check answers one finding, with a remedy where something is wanting.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"

namespace tintype {

enum class Health { kOk, kWarn, kFail };

struct Finding {
  Health health = Health::kOk;
  std::string name;    // "seccomp"
  std::string detail;  // what was seen
  std::string remedy;  // empty when ok
};

// Of the kernel: what sandboxed children are made of.
Finding check_seccomp();
Finding check_memfd();
Finding check_pidfd();
// What a sandboxed child of this program, started for the occasion, is held in by. Before this process starts
// a thread, and only in a program that calls run_zygote_if_asked().
Finding check_sandbox();
// For a sandbox that was refused namespaces of its own: what that means, why, and what to do about it. `proc` is where
// the kernel's files are.
std::string namespaces_remedy(bool as_root, const std::string& proc);
// Of the machine.
Finding check_cores();
Finding check_memory();
Finding check_open_files();
Finding check_free_space(const std::string& data_dir);
// Of what is installed.
Finding check_nats_server();
Finding check_codecs();
// Of devices beside the CPU. With an xclbin, cards are loaded with it and tested.
Finding check_opencl();
Finding check_fpga(const std::string& xclbin);
// Of a farm: reachable and ready.
Finding check_farm(const std::string& url);

// One line a finding, aligned, the remedy below it.
std::string findings_text(const std::vector<Finding>& findings);

}  // namespace tintype
