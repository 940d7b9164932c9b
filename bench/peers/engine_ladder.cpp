// The engine as `bench/run peers` and `bench/run planar` see it: what a child of the CPU lane does with a job's task.
//
//   bench_engine_ladder [--rgb] [--libwebp]   orders on stdin (bench/peers/ladder_line.h)
//     --rgb: never by planes; --libwebp: WebP by libwebp, not by our own encoder
//   bench_engine_ladder --ppm FILE OUT.ppm
#include <algorithm>
#include <iostream>
#include <print>
#include <span>
#include <string_view>

#include "bench/peers/ladder_line.h"
#include "codec/encode.h"
#include "codec/ladder.h"
#include "codec/probe.h"
#include "codec/resize.h"
#include "core/base/kept_memory.h"
#include "core/job/plan.h"

namespace tintype::bench {
namespace {

Status write_file(const std::string& path, ByteView bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) return fail(ErrorCode::kIo, "cannot write " + path);
  return {};
}

struct Way {
  bool by_rgb = false;
  Encoder webp = Encoder::kTintype;
};

Status make_ladder(const LadderOrder& order, const Way& way) {
  const std::string file = read_whole(order.file);
  TT_ASSIGN(const SourceInfo info, probe(as_bytes(file)));
  TT_ASSIGN(const ImageFormat format, parse_format(order.format));
  Recipe recipe;
  for (const std::uint32_t long_side : order.long_sides)
    recipe.rungs.push_back(
        {long_side, format, order.quality, order.effort, format == ImageFormat::kWebp ? way.webp : Encoder::kAom});
  TT_ASSIGN(const Plan plan, make_plan(recipe, info, {}));
  std::vector<PictureSize> sizes;
  for (const PlannedEncode& encode : plan.encodes) sizes.push_back({encode.width, encode.height});
  const std::uint32_t longest = std::max(sizes.front().width, sizes.front().height);
  const std::uint32_t least = longest >= std::max(info.width, info.height) ? 0 : longest;
  TT_ASSIGN(const Ladder ladder,
            (way.by_rgb ? decode_rgb_ladder : decode_ladder)(as_bytes(file), info, {.min_long_side_px = least}, sizes));
  const Bytes exif = build_exif(ladder.metadata, plan.metadata);
  const ByteView icc = icc_to_embed(ladder.metadata, plan.metadata);
  for (std::size_t i = 0; i < plan.encodes.size(); ++i) {
    const PlannedEncode& planned = plan.encodes[i];
    TT_ASSIGN(
        const Bytes bytes,
        encode(ladder.pictures[i], {planned.format, planned.encoder, planned.quality, planned.effort, 1}, icc, exif));
    for (const PlannedVariant& variant : plan.variants)
      if (variant.encode == i) TT_TRY(write_file(order.out_prefix + variant.name, bytes));
  }
  return {};
}

int write_ppm(const std::string& file, const std::string& out) {
  const std::string bytes = read_whole(file);
  const auto info = probe(as_bytes(bytes));
  const auto decoded = info ? decode(as_bytes(bytes), *info, {}) : fail(info.error());
  if (!decoded) {
    std::println(stderr, "{}: {}", file, decoded.error().message);
    return 1;
  }
  const Image& image = decoded->image;
  std::string ppm = std::format("P6\n{} {}\n255\n", image.width, image.height);
  for (std::uint32_t y = 0; y < image.height; ++y)
    for (std::uint32_t x = 0; x < image.width; ++x)
      ppm.append(reinterpret_cast<const char*>(image.row(y) + std::size_t{x} * image.channels), 3);
  return write_file(out, as_bytes(ppm)) ? 0 : 1;
}

}  // namespace
}  // namespace tintype::bench

int main(int argc, char** argv) {
  using namespace tintype::bench;
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode == "--ppm" && argc == 4) return write_ppm(argv[2], argv[3]);
  tintype::use_one_thread_per_codec();
  tintype::keep_freed_memory();
  Way way;
  for (const std::string_view option : std::span(argv, static_cast<std::size_t>(argc)).subspan(1)) {
    if (option == "--rgb") way.by_rgb = true;
    if (option == "--libwebp") way.webp = tintype::Encoder::kLibwebp;
  }
  for (std::string line; std::getline(std::cin, line);) {
    const CostOfAnOrder cost;
    const tintype::Status made = make_ladder(parse_order(line), way);
    std::cout << cost.json(made ? "" : "failed") << std::endl;
    if (!made) std::println(stderr, "{}", made.error().message);
  }
}
