// The version of what a fleet's store holds, as a document of the store: programs that do not know it stay away, so
// that old and new run side by side only where both can read what the other writes.
#pragma once

#include "core/base/result.h"
#include "storage_client/documents.h"

namespace tintype {

// Raised when a store written by this program could not be read by the one before. The program that raises it must go
// on writing the old format until the document says the new one, and the document is raised when no old program runs.
inline constexpr int kStoreFormat = 1;

// Ok when this program may use the store; says so in an empty one. kUnsupported when it is of a later format.
Status check_store_format(Documents& documents, int known = kStoreFormat);

}  // namespace tintype
