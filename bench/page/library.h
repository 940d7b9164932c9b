// The library that pages are asked of: one owner's 100,000 photos, an hour apart, each with its thumbnail of
// 3 to 8 KB.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "core/job/manifest.h"
#include "storage_client/embedded/embedded_store.h"
#include "storage_client/light_update.h"

namespace tintype::bench {

inline constexpr int kPhotos = 100'000;
inline const std::string kOwner = "local";

// A photo as its upload leaves it. Numbers from kPhotos on are newer than the library.
Photo photo_number(int number);
// What its job commits: every rung of the recipe, all the same bytes.
Manifest manifest_of(const Photo& photo);
LightUpdate done();

// Makes the library, each photo by the calls that an upload and its job make.
void fill(EmbeddedStore& store);

// Holds 200 to 2,000 photos of the library.
ListQuery random_range(std::mt19937& random);

// Ends the program with what failed.
template <typename T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "page: %s\n", result.error().to_string().c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace tintype::bench
