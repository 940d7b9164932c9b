// Provisioning: makes the streams and consumers, or brings them up to date, and reads them back.
#pragma once

#include <nats/nats.h>

#include "core/base/log.h"
#include "core/base/result.h"
#include "core/queue/nats/nats_queue.h"

namespace tintype {

// Safe to repeat, and at the same time on several nodes. kUnsupported when a stream or consumer does not read back
// as it should be; the message names the setting and both values.
Status provision(jsCtx* jetstream, const NatsQueueConfig& config, Logger& log);

}  // namespace tintype
