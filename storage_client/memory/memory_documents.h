// Documents in this process's memory: for tests.
#pragma once

#include <memory>

#include "storage_client/documents.h"

namespace tintype {

std::unique_ptr<Documents> make_memory_documents();

}  // namespace tintype
