// Where pictures may come from that nobody sends: buckets, tusd, URLs. Read from a file (cli/hooks_file.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/job/job.h"
#include "gateway/fetch/fetcher.h"

namespace tintype {

// What holds for every photo of one source.
struct HookedPhotos {
  std::string owner = "local";
  std::string recipe = "web";
  JobClass job_class = JobClass::kUpload;
  std::string batch;
};

struct S3Source {
  std::string bucket;
  FetchUrl endpoint;
  std::string prefix;  // of the keys that are taken
  std::optional<AwsCredentials> credentials;
  std::vector<Network> networks;       // of the endpoint, if it is not public
  bool owner_is_first_folder = false;  // "anna/1.jpg" is anna's
  HookedPhotos photos;
};

struct TusdSource {
  std::string folder;  // where tusd's filestore keeps uploads; empty: none are read from there
  HookedPhotos photos;
};

struct HooksConfig {
  std::vector<S3Source> s3;
  std::optional<TusdSource> tusd;
  std::vector<FetchUrl> url_prefixes;  // what POST /v1/jobs may be told to fetch
  std::vector<Network> url_networks;
  FetchLimits limits;
  int fetches = 4;                 // at once
  int max_waiting_fetches = 1000;  // past them 429
};

}  // namespace tintype
