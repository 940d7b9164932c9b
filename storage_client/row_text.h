// Rows of an index as JSON text, for whoever copies a store over the network. Versioned as the stores' own rows are.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "storage_client/photo_index.h"

namespace tintype {

// {"rows":[["photo id", "hex"],...],"next":"..."}
std::string to_text(const ListPage& page);
Result<ListPage> parse_list_page(std::string_view json);

// {"id","light":"hex","heavy":"hex","manifest":"its JSON"}
std::string to_text(const Photo& photo);
Result<Photo> parse_photo(std::string_view json);

}  // namespace tintype
