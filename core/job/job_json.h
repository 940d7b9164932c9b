// Jobs inside JSON documents. Private to .cpp files.
#pragma once

#include "core/job/job.h"
#include "core/job/json_fields.h"

namespace tintype {

// The wire form of to_json(Job), as a tree.
Json job_to_json(const Job& job);

// Reads what job_to_json wrote; deviations, schema apart, are `in`'s.
Job read_job(FieldReader& in);

}  // namespace tintype
