#include "core/base/kept_memory.h"

#include <malloc.h>

namespace tintype {

void keep_freed_memory() {
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

void give_back_freed_memory() { malloc_trim(0); }

}  // namespace tintype
