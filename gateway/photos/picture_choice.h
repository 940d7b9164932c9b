// Which bytes answer a request for a picture: by the client's Accept header, the width it shows it at, and
// what there is by now. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage_client/photo_index.h"

namespace tintype {

struct PictureWish {
  std::string_view accept;  // the header; empty: anything
  std::uint32_t width = 0;  // in pixels; 0: as large as there is
  std::string_view name;    // a variant by name instead; then `accept` and `width` count only while it is missing
};

struct PictureChoice {
  const Variant* variant = nullptr;  // of the photo's manifest; null: the original
  bool is_final = false;             // no later commit of this manifest's revision makes a better answer
  bool is_acceptable = true;         // false: nothing there is what the client takes
};

// Of the variants the client takes, the narrowest that is at least as wide as wished, else the widest; of
// several of that width the one it prefers, then AVIF before WebP. AVIF goes only to clients that name it; a
// wildcard is taken to mean WebP and the original, too. The original answers while there is no such variant.
PictureChoice choose_picture(const Photo& photo, const PictureWish& wish);

// What the original is served as: what the probe found, else what the uploader said if that is a kind of
// picture that browsers show, else application/octet-stream.
std::string_view original_type(const Photo& photo);

}  // namespace tintype
