#include "bench/gpu/in_step.h"

#include <algorithm>
#include <format>
#include <iterator>
#include <numeric>

#include "bench/gpu/baseline_scan.h"

namespace tintype::bench {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;
constexpr std::uint64_t kPieceBits = 1024;

using Place = BaselineScan::Place;

// By bit: 1 + where in the MCU the code is that begins there; 0 inside of a code.
std::vector<std::uint16_t> places_of(const BaselineScan& scan) {
  std::vector<std::uint16_t> places(scan.bits());
  for (Place place; place.bit < scan.bits(); scan.advance(place))
    places[place.bit] = static_cast<std::uint16_t>(1 + place.block * 64 + place.coefficient);
  return places;
}

// Bits until it is in step; of those that never are, all that is left.
std::vector<std::uint64_t> bits_until_in_step(const BaselineScan& scan, std::uint64_t& never) {
  const std::vector<std::uint16_t> right = places_of(scan);
  std::vector<std::uint64_t> all;
  for (std::uint64_t begin = kPieceBits; begin + kPieceBits <= scan.bits(); begin += kPieceBits) {
    Place place{begin, 0, 0};
    while (place.bit < scan.bits() && right[place.bit] != 1 + place.block * 64 + place.coefficient) scan.advance(place);
    if (place.bit >= scan.bits()) ++never;
    all.push_back(std::min(place.bit, scan.bits()) - begin);
  }
  return all;
}

}  // namespace

void measure_falling_into_step(BenchReport& report, const std::vector<BenchPhoto>& photos) {
  std::vector<std::uint64_t> all;
  std::uint64_t with_restarts = 0, looked_at = 0, never = 0;
  for (const BenchPhoto& photo : photos) {
    const auto scan = BaselineScan::read(photo.file.view(), kMostBytes);
    if (!scan) continue;
    ++looked_at;
    if (scan->has_restarts()) {
      ++with_restarts;
      continue;
    }
    std::ranges::copy(bits_until_in_step(*scan, never), std::back_inserter(all));
  }
  if (looked_at == 0 || all.empty()) {
    report.note("there are no baseline JPEGs without restart markers");
    return;
  }
  std::ranges::sort(all);
  Table table({{"bits until in step", Align::kLeft}, {"", Align::kRight}});
  for (const auto& [name, share] :
       {std::pair{"half of all starts within", 0.5}, {"90 %", 0.9}, {"99 %", 0.99}, {"99.9 %", 0.999}})
    table.add_row({name, std::to_string(all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))])});
  table.add_row({"the mean", std::to_string(std::accumulate(all.begin(), all.end(), std::uint64_t{0}) / all.size())});
  table.add_row({"the longest", std::to_string(all.back())});
  table.add_row({"not before the end of what was looked at", std::format("{} of {} starts", never, all.size())});
  report.table(std::format("falling into step: {} JPEGs without restart markers", looked_at - with_restarts), table);
  const auto within = std::ranges::upper_bound(all, kPieceBits) - all.begin();
  report.figure("in_step_within_1024_bits", 100.0 * static_cast<double>(within) / static_cast<double>(all.size()), "%",
                "of decoders that start at any 1,024th bit of a baseline scan");
  report.figure("files_with_restart_markers",
                100.0 * static_cast<double>(with_restarts) / static_cast<double>(looked_at), "%",
                "of the baseline JPEGs");
}

}  // namespace tintype::bench
