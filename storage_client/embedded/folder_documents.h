// Documents of a farm on one machine: files in a folder that one process owns, replaced whole.
#pragma once

#include <memory>
#include <string>

#include "storage_client/documents.h"

namespace tintype {

// Makes `folder` if it is missing.
Result<std::unique_ptr<Documents>> open_folder_documents(const std::string& folder);

}  // namespace tintype
