// Both of our SSIMULACRA 2 against Debian's `ssimulacra2`, on pictures made in code. `bench/run metric` does it on
// photos.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <format>
#include <fstream>
#include <optional>

#include "kernels/reference/ssimulacra2.h"
#include "kernels/simd/ssimulacra2.h"
#include "kernels/simd/targets.h"
#include "tests/kernels/scenes.h"

namespace tintype {
namespace {

using testing::distorted;
using testing::make_scene;
using testing::Scene;

class Ssimulacra2Judge : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v ssimulacra2 >/dev/null") != 0) {
      GTEST_SKIP() << "there is no ssimulacra2 here: it is in Debian's libjxl-devtools";
    }
    std::string pattern = std::filesystem::temp_directory_path() / "judge-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  // PAM carries alpha; neither it nor PPM has a gamma to be misread.
  std::string write(const std::string& name, const Scene& scene) const {
    const std::string path = folder_ / name;
    std::ofstream out(path, std::ios::binary);
    out << std::format("P7\nWIDTH {}\nHEIGHT {}\nDEPTH {}\nMAXVAL 255\nTUPLTYPE {}\nENDHDR\n", scene.width,
                       scene.height, scene.channels, scene.channels == 4 ? "RGB_ALPHA" : "RGB");
    out.write(reinterpret_cast<const char*>(scene.samples.data()), std::ssize(scene.samples));
    return path;
  }
  std::optional<double> judge(const Scene& original, const Scene& candidate) const {
    const std::string command = std::format("ssimulacra2 {} {} > {} 2>&1", write("a.pam", original),
                                            write("b.pam", candidate), (folder_ / "score").string());
    if (std::system(command.c_str()) != 0) return std::nullopt;
    double score = 0;
    std::ifstream(folder_ / "score") >> score;
    return score;
  }
  void expect_agreement(const Scene& original, const Scene& candidate) const {
    const auto wanted = judge(original, candidate);
    ASSERT_TRUE(wanted);
    SCOPED_TRACE(std::format("{} x {}, {} and {} channels: {}", original.width, original.height, original.channels,
                             candidate.channels, *wanted));
    EXPECT_NEAR(*reference::ssimulacra2(original.view(), candidate.view()), *wanted, 0.05);
    EXPECT_NEAR(*simd::ssimulacra2(original.view(), candidate.view()), *wanted, 0.05);
  }

  std::filesystem::path folder_;
};

TEST_F(Ssimulacra2Judge, AgreesOnOddAndSmallSizes) {
  constexpr std::pair<std::uint32_t, std::uint32_t> kSizes[] = {{8, 8},   {9, 8},     {8, 77},   {15, 16},  {16, 15},
                                                                {17, 33}, {31, 31},   {64, 64},  {65, 127}, {128, 100},
                                                                {251, 9}, {333, 211}, {640, 480}};
  unsigned seed = 20;
  for (const auto& [width, height] : kSizes) {
    const Scene original = make_scene(width, height, ++seed);
    expect_agreement(original, distorted(original, 0.15 * (seed % 6), seed));
  }
}

TEST_F(Ssimulacra2Judge, AgreesOnAWidePictureOfFlatColour) {
  // Where the blur's rounding noise is felt most.
  const Scene original = make_scene(3000, 400, 2);
  expect_agreement(original, distorted(original, 0.1, 2));
}

TEST_F(Ssimulacra2Judge, AgreesOnAlpha) {
  const Scene clear = make_scene(90, 60, 3, 4), opaque = make_scene(90, 60, 3, 3);
  expect_agreement(clear, distorted(clear, 0.4, 1));
  expect_agreement(clear, distorted(opaque, 0.4, 1));
  expect_agreement(opaque, distorted(clear, 0.4, 1));
}

TEST_F(Ssimulacra2Judge, TheJudgeRefusesWhatWeRefuse) {
  EXPECT_FALSE(judge(make_scene(7, 20, 1), make_scene(7, 20, 1)));
  EXPECT_FALSE(judge(make_scene(20, 20, 1), make_scene(20, 21, 1)));
}

}  // namespace
}  // namespace tintype
