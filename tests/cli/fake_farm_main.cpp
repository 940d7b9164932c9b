// `tintype` whose `serve` is a FakeFarm.
#include "cli/command_line.h"
#include "tests/cli/fake_farm.h"

int main(int argc, char** argv) {
  return tintype::run_command_line(argc, argv, {tintype::testing::run_fake_serve});
}
