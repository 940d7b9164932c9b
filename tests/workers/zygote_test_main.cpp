#include "tests/workers/zygote_test_main.h"

int main(int argc, char** argv) { return tintype::testing::run_with_zygote(argc, argv); }
