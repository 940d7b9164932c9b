// A body small enough to be held whole.
#pragma once

#include <functional>
#include <string>

#include "gateway/http/message.h"

namespace tintype {

// Collects up to `max_bytes` (413 past them) and answers with what `use` makes of them.
std::unique_ptr<http::BodySink> collect_body(std::size_t max_bytes,
                                             std::function<http::Response(const std::string&)> use);

}  // namespace tintype
