// Who we are to a NATS server, and whom we take for it: from NatsCredentials onto the options of a connection.
#pragma once

#include <nats/nats.h>

#include <string_view>

#include "core/queue/nats/nats_queue.h"

namespace tintype {

// `urls` as in NatsQueueConfig: one that begins with tls:// demands TLS of all. kInvalidArgument names the file or
// setting that cannot be used.
Status set_credentials(natsOptions* options, const NatsCredentials& credentials, std::string_view urls);

}  // namespace tintype
