// An xclbin's outermost frame, looked at before XRT is: XRT 2.13 reads where the header says, also past the end of a
// file that was cut.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"

namespace tintype {

// The file's bytes, whose header and sections lie within them. kInvalidArgument: they do not, or it cannot be read; the
// message says why, without the path.
Result<std::vector<char>> read_xclbin_file(const std::string& path);

}  // namespace tintype
