// Asking for a job's end: the record says so at once, and an event tells the node that works on it.
#pragma once

#include <string>

#include "core/base/result.h"
#include "gateway/gateway.h"

namespace tintype {

// kNotFound if the owner has no such job; kConflict if it has ended.
Status request_cancel(const GatewayServices& services, const std::string& owner, JobId job);

}  // namespace tintype
