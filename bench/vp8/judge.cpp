#include "bench/vp8/judge.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <format>
#include <fstream>
#include <string>

#include "bench/support/process_cpu.h"
#include "codec/picture_view.h"
#include "kernels/simd/ssimulacra2.h"

namespace tintype::bench {
namespace {

namespace fs = std::filesystem;

class OwnJudge final : public Judge {
 public:
  OwnJudge(const Image& rgb, simd::Ssimulacra2Reference original)
      : width_(rgb.width), height_(rgb.height), original_(std::move(original)) {}

  Result<double> score(const std::uint8_t* rgb) const override {
    return original_.score(SrgbView::interleaved(rgb, width_, height_, 3, std::size_t{width_} * 3));
  }

 private:
  std::uint32_t width_, height_;
  simd::Ssimulacra2Reference original_;
};

Status write_ppm(const fs::path& path, const std::uint8_t* rgb, std::uint32_t width, std::uint32_t height,
                 std::size_t stride_bytes) {
  std::ofstream out(path, std::ios::binary);
  out << std::format("P6\n{} {}\n255\n", width, height);
  for (std::uint32_t y = 0; y < height; ++y)
    out.write(reinterpret_cast<const char*>(rgb + y * stride_bytes), std::streamsize{width} * 3);
  if (!out.flush()) return fail(error_from_errno(errno, "writing " + path.string()));
  return {};
}

class DebianJudge final : public Judge {
 public:
  explicit DebianJudge(const Image& rgb) : width_(rgb.width), height_(rgb.height) {}
  ~DebianJudge() override {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }

  Status begin(const Image& rgb) {
    std::string made = fs::temp_directory_path() / "vp8-judge-XXXXXX";
    if (!::mkdtemp(made.data())) return fail(error_from_errno(errno, "making " + made));
    folder_ = made;
    return write_ppm(folder_ / "original.ppm", rgb.pixels.data(), width_, height_, rgb.stride_bytes);
  }

  Result<double> score(const std::uint8_t* rgb) const override {
    TT_TRY(write_ppm(folder_ / "candidate.ppm", rgb, width_, height_, std::size_t{width_} * 3));
    TT_ASSIGN(const ProcessCost cost,
              run_and_measure({"ssimulacra2", folder_ / "original.ppm", folder_ / "candidate.ppm"}, folder_ / "said"));
    double score = 0;
    if (cost.exit_status != 0 || !(std::ifstream(folder_ / "said") >> score))
      return fail(ErrorCode::kInternal, "ssimulacra2 failed");
    return score;
  }

 private:
  std::uint32_t width_, height_;
  fs::path folder_;
};

}  // namespace

Result<std::unique_ptr<Judge>> own_judge(const BenchPicture& picture) {
  TT_ASSIGN(auto original, simd::Ssimulacra2Reference::prepare(view_of(picture.rgb)));
  return std::make_unique<OwnJudge>(picture.rgb, std::move(original));
}

Result<std::unique_ptr<Judge>> debian_judge(const BenchPicture& picture) {
  auto judge = std::make_unique<DebianJudge>(picture.rgb);
  TT_TRY(judge->begin(picture.rgb));
  return judge;
}

}  // namespace tintype::bench
