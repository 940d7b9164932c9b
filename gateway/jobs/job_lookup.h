// The job that a request's path names.
#pragma once

#include "core/job/job_record.h"
#include "gateway/api.h"

namespace tintype {

// kNotFound also for another requester's.
Result<JobRecord> record_of_call(const Call& call);

}  // namespace tintype
