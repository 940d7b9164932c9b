// A small farm's worth of photos whose digests are right, for tests of what copies and checks whole stores.
#pragma once

#include <string>
#include <vector>

#include "storage_client/migration/migration.h"
#include "tests/storage_client/store_fixtures.h"

namespace tintype::testing {

inline StoreSeams seams_of(StoreUnderTest& store) { return {store.blobs(), store.index(), store.jobs()}; }

// An upload as the gateway makes it: its blob, then its row. Sizes go beyond a piece, a chunk and an inline blob by
// number.
Photo upload(StoreSeams store, const std::string& owner, PhotoId photo, std::uint32_t seed,
             const std::string& idempotency_key = "");
// What a job makes of it: two variants, then the commit, `complete` or not.
void complete(StoreSeams store, const std::string& owner, PhotoId photo, std::uint32_t seed, bool is_complete = true);

// Photos in every state that a farm may leave them in, two owners', and one that was deleted.
void fill(StoreSeams store);

// What a farm's users could tell of it: lists in both orders, months, photos, their blobs by digest, which photos wait
// for their job, job records. Not when things were written.
std::string face_of(StoreSeams store, const std::vector<std::string>& owners = {"anna", "bert"});

}  // namespace tintype::testing
