// The file that says where pictures may come from that nobody sends (serve --hooks FILE):
//
//   [[s3]]                                # POST /hooks/s3: a bucket whose events are followed; one table a
//   bucket bucket = "camera" endpoint = "https://s3.example.com"   # objects are at endpoint/bucket/key
//   prefix = "incoming/"                  # optional: of the keys that are taken
//   region = "us-east-1"                  # optional
//   access_key = "..."                    # optional, with one of:
//   secret_key_file = "/etc/tintype/s3-secret"   # its first line
//   secret_key = "..."
//   allow_networks = ["10.1.0.0/16"]      # optional: addresses of the endpoint that are not public
//   owner = "local"                       # whose the photos are; or
//   owner_is_first_folder = true          # anna/1.jpg is anna's
//   recipe = "web"                        # optional, as class and batch
//
//   [tus]                                 # POST /hooks/tus: a tusd
//   folder = "/srv/tusd/data"             # optional: of its filestore; for its s3store the bucket is named
//   above owner = "local"                       # as recipe, class and batch
//
//   [urls]                                # POST /v1/jobs {"url": ...}
//   allow = ["https://images.example.com/photos/"]
//   allow_networks = []
#pragma once

#include <string>

#include "core/base/result.h"
#include "gateway/hooks/hooks_config.h"

namespace tintype {

// kInvalidArgument names file, line and key.
Result<HooksConfig> read_hooks_file(const std::string& path);

}  // namespace tintype
