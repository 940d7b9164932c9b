// Signed picture paths: what an <img> or a CDN can fetch without a header. Pure.
//
//   /s/<signature>/<key id>/<expires>/<owner>/<photo>/<revision>/<name>
//
// `signature` is over all that follows it, with the slash before it: imgproxy's scheme, HMAC-SHA256 with a salt, in
// base64url. `expires` is seconds since 1970. `revision` is the manifest's when the path was made: while it is the
// photo's still, the bytes are final. `name` is a variant's ("256.webp"), "original", or "w512": by width and Accept.
#pragma once

#include <string>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "gateway/access/access_book.h"

namespace tintype {

struct SignedPicture {
  std::string owner;
  PhotoId photo;
  std::uint64_t revision = 0;
  std::string name;
  std::int64_t expires_s = 0;
};

// With the book's newest key.
std::string signed_path(const AccessBook& book, const SignedPicture& picture);

// When paths made now shall end: at least `lives_s` from now, and the same for a quarter of that time, so that a page
// shown twice names the same URLs and finds them in caches.
std::int64_t expiry_after(UnixMs now_ms, std::int64_t lives_s);

// The parts as they came in the path. kDenied: not signed so by a key of the book, or expired.
struct SignedPathParts {
  std::string signature, key_id, expires, owner, photo, revision, name;
};
Result<SignedPicture> check_signed_path(const AccessBook& book, const SignedPathParts& parts, UnixMs now_ms);

}  // namespace tintype
