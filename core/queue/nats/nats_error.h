// Where nats.c's and JetStream's codes become Errors.
#pragma once

#include <nats/nats.h>

#include <string_view>

#include "core/base/error.h"

namespace tintype {

// The Error of a call that returned `status`, with the code that JetStream gave (0: none) and nats.c's words.
// `doing` reads like "publishing job 01jd...". Call it on the thread that made the call, before another one.
Error nats_error(natsStatus status, jsErrCode code, std::string_view doing);

// True for errors that mean that a stream or consumer is not there, or JetStream is not.
bool means_missing(natsStatus status, jsErrCode code);

}  // namespace tintype
