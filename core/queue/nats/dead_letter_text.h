// A dead letter as a message: one line of JSON about it, then the job's message byte for byte.
//
//   {"schema":1,"died_at_ms":1732264161123,"deliveries":5,"reason":{"code":"timed_out","message":"..."}}
//   {"schema":1,"id":"...", ...}
#pragma once

#include <string>
#include <string_view>

#include "core/queue/job_queue.h"

namespace tintype {

std::string write_dead_letter(std::string_view raw_job, const Error& reason, std::uint32_t deliveries,
                              UnixMs died_at_ms);

// Reads any bytes: a message that is no dead letter comes back as one, whole in `raw`, whose job and reason say so.
DeadLetter read_dead_letter_text(std::uint64_t sequence, std::string_view text);

}  // namespace tintype
