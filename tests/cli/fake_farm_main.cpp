// `tintype` whose `serve` is a FakeFarm.
#include "cli/command_line.h"
#include "tests/cli/fake_farm.h"
#include "workers/cpu/cpu_lane.h"
#include "workers/sandbox/zygote.h"

int main(int argc, char** argv) {
  tintype::run_zygote_if_asked(argc, argv, tintype::cpu_child_main);
  return tintype::run_command_line(argc, argv, {tintype::testing::run_fake_serve});
}
