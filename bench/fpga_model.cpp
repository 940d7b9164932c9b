// What an FPGA card would do: clocks counted from the kernels' initiation intervals, times an assumed clock. Nothing is
// measured.
//
// A stage's clocks are its loops' trips times the interval that the pragmas ask for, plus an assumed depth of each
// pipeline. Whether Vitis reaches the intervals and the clock is not known here: there is no card and no Vitis. The
// RTL's clocks are counted by running it (rtl_test).
#include <algorithm>
#include <cstdint>

#include "bench/support/bench_report.h"

namespace tintype::bench {
namespace {

constexpr double kClockMhz = 300;  // assumed
constexpr double kDepth = 40;      // clocks to fill one pipeline, assumed
constexpr double kPcieGbs = 12;    // GB/s each way over PCIe 3.0 x16, assumed
constexpr double kMacroblockPixels = 256;

// kernels/hls/vp8_luma.h and vp8_chroma.h.
constexpr double kCodeBlock = 16;  // clocks between blocks in vp8_code_block: one a place of the scan

constexpr double whole_luma() {
  const double predicted = 16, transformed = 16, rounded = 16, coded = 16 * kCodeBlock, second_order = kCodeBlock;
  return 4 * (predicted + transformed + rounded + coded + second_order + 3 * kDepth) + 16 + kDepth;
}
constexpr double sub_blocks() { return 16 * (10 * kCodeBlock + kDepth + kDepth); }
constexpr double chroma() { return 4 * 2 * (4 + 4 + 4 + 4 * kCodeBlock + 2 * kDepth) + 8 + kDepth; }

// Of the slowest stage: the others work at the same time on other macroblocks.
constexpr double clocks_a_macroblock() { return std::max({whole_luma(), sub_blocks(), chroma()}); }

// kernels/hls/jpeg_plane.cpp: a word of four coefficients a clock.
constexpr double kClocksAJpegBlock = 16, kJpegBlockSamples = 64;
constexpr double kSamplesAPixel = 1.5;  // of 4:2:0

struct Resize {
  double in_width, in_height, out_width, out_height, taps;
};
// kernels/hls/resize_plane.cpp: four samples a clock down, eight taps a clock across.
constexpr double resize_clocks(const Resize& of) {
  const double read = of.in_width / 4 * of.in_height;
  const double mixed = of.out_height * (of.in_width / 4 + of.taps) + read;
  const double filtered = of.out_height * (of.in_width / 4 + of.out_width * ((of.taps + 7) / 8));
  return std::max(mixed, filtered);
}

// A 12 MP photo to 2048, 1024, 512 and 256 px: what passes between host and card, stage by stage as workers/fpga does
// it, and what the units have to do.
struct Photo {
  double to_card_mb = 0, from_card_mb = 0, encoded_mp = 0;
};
constexpr Photo photo_and_ladder() {
  constexpr double kSource = 12, kLongSide = 4000;
  constexpr double kBytesACoefficient = 2, kBytesASample = 1, kBytesAWide = 2, kBytesOfMacroblock = 828;
  Photo photo;
  photo.to_card_mb += kSource * kSamplesAPixel * kBytesACoefficient;
  photo.from_card_mb += kSource * kSamplesAPixel * kBytesASample;
  double level = kSource, level_bytes = kBytesASample, side = kLongSide;
  for (const double rung : {2048.0, 1024.0, 512.0, 256.0}) {
    while (side >= 3 * rung) {  // kernels/rung_geometry.h
      photo.to_card_mb += level * kSamplesAPixel * level_bytes;
      side /= 2, level /= 4, level_bytes = kBytesAWide;
      photo.from_card_mb += level * kSamplesAPixel * level_bytes;
    }
    const double made = kSource * (rung / kLongSide) * (rung / kLongSide);
    photo.to_card_mb += (level * level_bytes + made) * kSamplesAPixel;  // to be resized; and, of 8 bits, to be coded
    photo.from_card_mb += made * (kSamplesAPixel * kBytesAWide + kBytesOfMacroblock / kMacroblockPixels);
    photo.encoded_mp += made;
  }
  return photo;
}

int run(int argc, char** argv) {
  BenchReport report("fpga-model", parse_bench_options(argc, argv, "what an FPGA card would do, by counting"));
  const double vp8_mps = kClockMhz / clocks_a_macroblock() * kMacroblockPixels;
  report.figure("whole_luma", whole_luma(), "clocks",
                "of a macroblock: counted from intervals, pipelines' depth assumed");
  report.figure("sub_blocks", sub_blocks(), "clocks", "of a macroblock: counted, depth assumed; the slowest stage");
  report.figure("chroma", chroma(), "clocks", "of a macroblock: counted, depth assumed");
  report.figure("vp8_unit", vp8_mps, "MP/s", "a unit of vp8_macroblocks at an assumed 300 MHz");
  constexpr Resize kHalf{2048, 1365, 1024, 683, 12};
  report.figure("resize_unit", kHalf.in_width * kHalf.in_height * kClockMhz / resize_clocks(kHalf), "MP/s",
                "input samples of a unit of resize_plane, 2048 px to 1024 px, 12 taps, at an assumed 300 MHz");
  report.figure("rtl_transform", kClockMhz * 16 / 1.5, "MP/s",
                "of 4:2:0 at a block a clock (counted by rtl_test), assumed 300 MHz");
  // Planes in, 828 bytes a macroblock out: the levels are not yet packed.
  const double bytes_in = 1.5, bytes_out = 828 / kMacroblockPixels;
  report.figure("pcie_limit", kPcieGbs * 1000 / std::max(bytes_in, bytes_out), "MP/s",
                "bytes counted, 12 GB/s each way assumed");
  report.figure("jpeg_unit", kClockMhz / kClocksAJpegBlock * kJpegBlockSamples / kSamplesAPixel, "MP/s",
                "a unit of jpeg_plane at full size, 4:2:0, at an assumed 300 MHz");
  constexpr Photo kPhoto = photo_and_ladder();
  report.figure("photo_to_card", kPhoto.to_card_mb, "MB",
                "of a 12 MP photo and its ladder of four, counted: every stage passes by the host");
  report.figure("photo_from_card", kPhoto.from_card_mb, "MB", "likewise");
  report.figure("photo_pcie", kPcieGbs * 1000 / std::max(kPhoto.to_card_mb, kPhoto.from_card_mb), "photos/s",
                "by these bytes, 12 GB/s each way assumed");
  report.figure("photo_vp8", vp8_mps / kPhoto.encoded_mp, "photos/s",
                "by a unit of vp8_macroblocks, the slowest kernel, at an assumed 300 MHz");
  report.note(
      "Vitis codec library on a U200 at 250 MHz, an instance: 97.9 MP/s prediction, 142 MP/s coding (its "
      "documentation)");
  return report.finish();
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) { return tintype::bench::run(argc, argv); }
