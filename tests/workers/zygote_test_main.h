// main() for tests that need sandboxed children: a zygote is started before anything else, and this program is
// also what the zygote runs. Link `zygote_test_main` and define kChildMain.
#pragma once

#include "core/base/log.h"
#include "workers/sandbox/zygote.h"

namespace tintype::testing {

// What this program's children run; cpu_child_main unless the test is about something else.
extern const ChildMain kChildMain;

// All of main(), for tests that bring their own.
int run_with_zygote(int argc, char** argv);

// The one that main() started.
Zygote& zygote();
Logger& quiet_log();

// Of any process; -1 if there is none. A child's parent is its zygote.
int parent_of(int pid);

}  // namespace tintype::testing
