// A look into the store itself once the farm is dead: the sweeper runs to its end, at a time when every grace period is
// over, and then every blob must be named by a photo, and every blob that a photo names must be there.
#pragma once

#include <string>

#include "tests/crash/ledger.h"

namespace tintype::crash {

void audit(const std::string& folder, const std::vector<std::string>& owners, Ledger& ledger);

}  // namespace tintype::crash
