// How a commit changes a light row: one rule for every store.
#pragma once

#include "storage_client/photo_index.h"

namespace tintype {

inline void apply(const LightUpdate& update, LightRow& row) {
  if (update.taken_at_ms) row.taken_at_ms = *update.taken_at_ms;
  if (update.width) row.width = *update.width;
  if (update.height) row.height = *update.height;
  if (update.format) row.format = *update.format;
  if (update.complete) row.complete = *update.complete;
  if (update.failed) row.failed = *update.failed;
  if (update.thumbhash) row.thumbhash = *update.thumbhash;
}

inline bool ends_the_job(const LightUpdate& update) {
  return update.complete.value_or(false) || update.failed.value_or(false);
}

}  // namespace tintype
