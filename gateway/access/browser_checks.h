// What keeps web pages of other places from using a gateway through somebody's browser.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.h"
#include "gateway/http/message.h"

namespace tintype {

// Against DNS rebinding: a web page that made its own name point here still says that name. `address` is what
// the gateway listens on. kDenied.
Status check_host(const http::Request& request, std::string_view address);

// Against requests a browser makes for a page of another origin. kDenied.
Status check_origin(const http::Request& request);

}  // namespace tintype
