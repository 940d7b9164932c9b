#include "codec/jpeg/spent_coefficients.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace tintype {
namespace {

// Fewer at a time are not worth the call.
constexpr std::uintptr_t kLeastBytes = 256 << 10;

}  // namespace

void SpentCoefficients::reads_from(const void* array, const void* begins) {
  auto* own = std::ranges::find_if(progress_, [&](const Progress& progress) { return progress.array == array || !progress.array; });
  if (own == std::end(progress_)) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto from = reinterpret_cast<std::uintptr_t>(begins);
  if (own->array == nullptr) {
    *own = {array, (from + page - 1) / page * page};
    return;
  }
  const std::uintptr_t end = from / page * page;
  if (end < own->kept_from + kLeastBytes) return;
  ::madvise(reinterpret_cast<void*>(own->kept_from), end - own->kept_from, MADV_DONTNEED);
  own->kept_from = end;
}

}  // namespace tintype
