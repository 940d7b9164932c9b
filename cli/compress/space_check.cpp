#include "cli/compress/space_check.h"

#include <algorithm>
#include <format>
#include <functional>

#include "cli/files.h"
#include "cli/text/human.h"
#include "cli/text/utf8.h"

namespace tintype {
namespace {

constexpr double kVariantShare = 0.6;
constexpr std::uint64_t kFarmRoomBytes = 64'000'000;
constexpr std::uint64_t kSpareBytes = 16'000'000;  // the page, the journal, and not to fill a disk to its last byte

std::uint64_t with_variants(std::uint64_t bytes) {
  return bytes + static_cast<std::uint64_t>(static_cast<double>(bytes) * kVariantShare);
}

Status check_one(std::uint64_t need, const std::string& dir) {
  TT_ASSIGN(const std::uint64_t have, free_bytes(dir));
  if (need <= have) return {};
  return fail(
      ErrorCode::kStorageFull,
      std::format("{} needs about {} free and has {}: free some space there, or name another folder with --out DIR",
                  printable(dir), human_bytes(need), human_bytes(have)));
}

}  // namespace

SpaceNeed space_needed(const std::vector<PhotoItem>& items, bool own_farm, bool keep, int window) {
  std::vector<std::uint64_t> sizes;
  std::uint64_t total = 0;
  for (const PhotoItem& item : items) {
    if (item.state != PhotoState::kToDo) continue;
    sizes.push_back(item.source.bytes);
    total += item.source.bytes;
  }
  if (sizes.empty()) return {};
  SpaceNeed need;
  need.out_bytes = static_cast<std::uint64_t>(static_cast<double>(total) * kVariantShare) + kSpareBytes;
  if (!own_farm) return need;
  if (keep) {
    need.farm_bytes = with_variants(total) + kFarmRoomBytes;
    return need;
  }
  // The largest ones might all be under way at once.
  const auto under_way = std::min(sizes.size(), static_cast<std::size_t>(std::max(window, 1)));
  std::ranges::partial_sort(sizes, sizes.begin() + static_cast<std::ptrdiff_t>(under_way), std::greater<>());
  std::uint64_t held = 0;
  for (std::size_t i = 0; i < under_way; ++i) held += sizes[i];
  need.farm_bytes = with_variants(held) + kFarmRoomBytes;
  return need;
}

Status check_space(const SpaceNeed& need, const std::string& out_dir, const std::string& farm_dir) {
  if (need.out_bytes + need.farm_bytes == 0) return {};
  if (need.farm_bytes == 0) return check_one(need.out_bytes, out_dir);
  if (on_same_file_system(out_dir, farm_dir)) return check_one(need.out_bytes + need.farm_bytes, out_dir);
  TT_TRY(check_one(need.out_bytes, out_dir));
  return check_one(need.farm_bytes, farm_dir);
}

}  // namespace tintype
