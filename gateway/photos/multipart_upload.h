// Photos in a multipart/form-data body: every part with a file name is one.
//
// No photo is made before the whole body has come: a connection that is cut leaves none. Text parts named
// "recipe", "class" and "batch" hold for the files that follow them. A part's own Repr-Digest is honoured;
// Content-Digest of the request speaks of the whole body.
#pragma once

#include "gateway/api.h"
#include "gateway/photos/photo_upload.h"

namespace tintype {

inline constexpr std::size_t kMaxFilesOfABody = 100;

// `order`: what holds for each file until the body says otherwise.
Result<http::Begun> begin_multipart_upload(const Call& call, UploadOrder order);

}  // namespace tintype
