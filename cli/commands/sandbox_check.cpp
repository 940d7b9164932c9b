#include <unistd.h>

#include <algorithm>
#include <format>
#include <string_view>

#include "cli/commands/doctor_checks.h"
#include "cli/files.h"
#include "core/base/log.h"
#include "workers/sandbox/zygote.h"

namespace tintype {
namespace {

// A setting of the kernel that decides over user namespaces. Absent files are of other kernels, which have no such
// rule.
struct NamespaceSetting {
  std::string_view file;  // below /proc/sys
  std::string_view refusing;
  std::string_view remedy;
};

constexpr NamespaceSetting kNamespaceSettings[] = {
    {"kernel/unprivileged_userns_clone", "0\n", "as root: sysctl -w kernel.unprivileged_userns_clone=1"},
    {"user/max_user_namespaces", "0\n", "as root: sysctl -w user.max_user_namespaces=10000"},
    {"kernel/apparmor_restrict_unprivileged_userns", "1\n",
     "as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or give tintype an AppArmor profile with "
     "userns"},
};

// In a chroot to a plain folder, nothing that the process can name is mounted at /.
bool in_chroot(const std::string& proc) {
  const Result<std::string> mounts = read_text_file(proc + "/self/mountinfo");
  if (!mounts || mounts->empty()) return false;
  std::string_view rest = *mounts;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    // Mount, parent, device, root, mount point.
    std::size_t at = 0;
    for (int field = 0; field < 4; ++field) at = line.find(' ', at) + 1;
    if (line.substr(at).starts_with("/ ")) return false;
  }
  return true;
}

}  // namespace

std::string namespaces_remedy(bool as_root, const std::string& proc) {
  const std::string held = "decoders are held by seccomp and limits alone";
  if (as_root) {
    return held + ": this container keeps namespaces from root; for them, give it CAP_SYS_ADMIN (see docs/sandbox.md)";
  }
  for (const NamespaceSetting& setting : kNamespaceSettings) {
    const Result<std::string> value = read_text_file(std::format("{}/sys/{}", proc, setting.file));
    if (value && *value == setting.refusing) {
      return std::format("{}: who is not root may not make namespaces here; {}", held, setting.remedy);
    }
  }
  if (in_chroot(proc)) {
    return held +
           ": in a chroot the kernel refuses user namespaces; start tintype outside, or where pivot_root made the root";
  }
  return held + ": this container keeps user namespaces from you; for them, let it call unshare (see docs/sandbox.md)";
}

Finding check_sandbox() {
  Logger silent(LogLevel::kOff);
  const auto zygote = start_zygote({}, silent);
  if (!zygote) {
    return {Health::kFail, "sandbox", zygote.error().message,
            "without a sandbox no picture is decoded: see docs/sandbox.md"};
  }
  const Confinement confined = (*zygote)->confinement();
  const auto said = [](bool yes) { return yes ? "yes" : "no"; };
  std::string detail = std::format("seccomp {}, own network {}, own mounts {}", said(confined.seccomp),
                                   said(confined.network_namespace), said(confined.mount_namespace));
  if (!confined.seccomp) return {Health::kFail, "sandbox", detail, confined.limits};
  if (confined.limits.empty()) return {Health::kOk, "sandbox", detail, ""};
  return {Health::kWarn, "sandbox", std::format("{} ({})", detail, confined.limits),
          namespaces_remedy(::geteuid() == 0, "/proc")};
}

}  // namespace tintype
