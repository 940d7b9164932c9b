#include "cli/commands/doctor_command.h"

#include <algorithm>
#include <format>
#include <vector>

#include "cli/commands/doctor_checks.h"
#include "cli/commands/farm_command.h"
#include "cli/exit_codes.h"
#include "cli/text/utf8.h"

namespace tintype {
namespace {

const char* health_name(Health health) {
  switch (health) {
    case Health::kOk:
      return "ok";
    case Health::kWarn:
      return "warn";
    case Health::kFail:
      return "FAIL";
  }
  return "";
}

}  // namespace

std::string findings_text(const std::vector<Finding>& findings) {
  std::size_t width = 0;
  for (const Finding& finding : findings) width = std::max(width, display_width(finding.name));
  std::string text;
  for (const Finding& finding : findings) {
    text +=
        std::format("{:4}  {:{}}  {}\n", health_name(finding.health), finding.name, width, printable(finding.detail));
    if (!finding.remedy.empty()) text += std::format("{:4}  {:{}}  → {}\n", "", "", width, printable(finding.remedy));
  }
  return text;
}

int run_doctor(const DoctorOptions& options) {
  std::vector<Finding> findings = {
      check_seccomp(), check_memfd(),       check_pidfd(),      check_sandbox(),
      check_cores(),   check_memory(),      check_open_files(), check_free_space(options.data_dir),
      check_codecs(),  check_nats_server(), check_opencl(),     check_fpga(options.fpga_xclbin),
  };
  if (!options.farm.empty()) findings.push_back(check_farm(options.farm));
  if (options.json) {
    Json all = Json::array();
    for (const Finding& f : findings) {
      all.push_back({{"name", f.name}, {"health", health_name(f.health)}, {"detail", f.detail}, {"remedy", f.remedy}});
    }
    print_json({{"checks", all}});
  } else {
    print(findings_text(findings));
  }
  return std::ranges::contains(findings, Health::kFail, &Finding::health) ? kExitSomeFailed : kExitOk;
}

}  // namespace tintype
