#include <format>

#include "cli/commands/doctor_checks.h"
#include "core/base/log.h"
#include "workers/sandbox/zygote.h"

namespace tintype {

Finding check_sandbox() {
  Logger silent(LogLevel::kOff);
  const auto zygote = start_zygote({}, silent);
  if (!zygote) {
    return {Health::kFail, "sandbox", zygote.error().message,
            "without a sandbox no picture is decoded: see docs/sandbox.md"};
  }
  const Confinement confined = (*zygote)->confinement();
  const auto said = [](bool yes) { return yes ? "yes" : "no"; };
  const std::string detail = std::format("seccomp {}, own network {}, own mounts {}", said(confined.seccomp),
                                         said(confined.network_namespace), said(confined.mount_namespace));
  if (!confined.seccomp) return {Health::kFail, "sandbox", detail, confined.limits};
  return {confined.limits.empty() ? Health::kOk : Health::kWarn, "sandbox", detail, confined.limits};
}

}  // namespace tintype
