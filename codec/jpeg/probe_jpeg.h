// The header of a JPEG file, read with our own code. See codec/probe.h for what is refused and how.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/job/source_info.h"

namespace tintype {

// By the signature alone; 16 bytes suffice.
bool is_jpeg(ByteView first_bytes);
// `file` begins with the signature.
Result<SourceInfo> probe_jpeg(ByteView file);

}  // namespace tintype
