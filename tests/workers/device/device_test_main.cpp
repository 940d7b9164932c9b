#include "tests/workers/device/device_test_main.h"

int main(int argc, char** argv) {
  tintype::run_device_worker_if_asked(argc, argv, tintype::testing::kEngineKinds);
  return tintype::testing::run_with_zygote(argc, argv);
}
