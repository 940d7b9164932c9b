// What is to be fetched for an event, and as whose photo.
#pragma once

#include "gateway/api.h"
#include "gateway/hooks/hook_events.h"
#include "gateway/hooks/ingests.h"

namespace tintype {

// kDenied for a key that no URL can carry safely; kInvalidArgument when the source's recipe, or the owner in
// the key, is none.
Result<Ingest> order_of(const Api& api, const S3Source& source, const S3Event& event, const std::string& trace_id);

// A photo of a source: owner, recipe, class, batch.
Result<UploadOrder> order_for(const Api& api, const HookedPhotos& photos, const std::string& trace_id);

// The object's URL, in the path style. kDenied for a key with a segment "." or "..".
Result<FetchUrl> object_url(const S3Source& source, std::string_view key, std::string_view version);

}  // namespace tintype
