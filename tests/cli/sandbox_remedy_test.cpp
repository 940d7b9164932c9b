#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands/doctor_checks.h"
#include "tests/cli/temp_folder.h"

namespace tintype {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A /proc of a machine that allows all of it, with one thing changed.
class SandboxRemedy : public ::testing::Test {
 protected:
  SandboxRemedy() {
    proc_.write("sys/kernel/unprivileged_userns_clone", "1\n");
    proc_.write("sys/kernel/apparmor_restrict_unprivileged_userns", "0\n");
    proc_.write("sys/user/max_user_namespaces", "96365\n");
    proc_.write("self/mountinfo",
                "29 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n31 29 0:5 / /dev rw - devtmpfs dev rw\n");
  }
  std::string told(bool as_root = false) { return namespaces_remedy(as_root, proc_.path()); }
  testing::TempFolder proc_;
};

TEST_F(SandboxRemedy, IsTheSettingThatRefuses) {
  proc_.write("sys/kernel/unprivileged_userns_clone", "0\n");
  EXPECT_THAT(told(), AllOf(HasSubstr("seccomp"), HasSubstr("as root: sysctl -w kernel.unprivileged_userns_clone=1")));
  proc_.write("sys/kernel/unprivileged_userns_clone", "1\n");
  proc_.write("sys/user/max_user_namespaces", "0\n");
  EXPECT_THAT(told(), HasSubstr("as root: sysctl -w user.max_user_namespaces=10000"));
  proc_.write("sys/user/max_user_namespaces", "15\n");
  proc_.write("sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
  EXPECT_THAT(told(), HasSubstr("as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"));
  // Root needs no user namespace.
  EXPECT_THAT(told(true), AllOf(HasSubstr("CAP_SYS_ADMIN"), Not(HasSubstr("sysctl"))));
}

TEST_F(SandboxRemedy, IsToLeaveAChroot) {
  proc_.write("self/mountinfo", "31 29 0:5 / /dev rw - devtmpfs dev rw\n32 29 0:6 / /proc rw - proc proc rw\n");
  EXPECT_THAT(told(), HasSubstr("in a chroot the kernel refuses user namespaces"));
}

TEST_F(SandboxRemedy, IsAContainersWhereTheSystemAllowsThem) {
  EXPECT_THAT(told(), AllOf(HasSubstr("let it call unshare"), Not(HasSubstr("sysctl"))));
}

}  // namespace
}  // namespace tintype
