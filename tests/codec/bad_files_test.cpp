// Every file of the folder that TINTYPE_BAD names ends as tests/codec/bad_expectations.tsv says.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "codec/ladder.h"
#include "codec/resize.h"
#include "core/job/plan.h"
#include "core/job/recipe.h"
#include "tests/codec/support/decoding.h"
#include "tests/codec/support/environment.h"

namespace tintype {
namespace {

using namespace tintype::testing;

// File name to the outcomes that are right for it, with bars around each: "|ok|corrupt_image|".
std::map<std::string, std::string> read_expectations() {
  std::map<std::string, std::string> expectations;
  std::ifstream in(BAD_EXPECTATIONS);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::string name, outcomes;
    std::getline(fields, name, '\t');
    std::getline(fields, outcomes, '\t');
    expectations[name] = "|" + outcomes + "|";
  }
  return expectations;
}

// "ok" or the error's name, through the steps that a job takes.
std::string outcome_of(ByteView file, DamagedPolicy damaged) {
  const Result<SourceInfo> info = probe(file);
  if (!info) return std::string(error_name(info.error().code));
  const Result<Plan> plan = make_plan(builtin_recipes().front(), *info, Limits{});
  if (!plan) return std::string(error_name(plan.error().code));
  const Result<Decoded> decoded = decode(file, *info, {.damaged = damaged});
  return decoded ? "ok" : std::string(error_name(decoded.error().code));
}

TEST(BadFiles, EndAsExpected) {
  const std::vector<std::string> files = files_of("TINTYPE_BAD");
  if (files.empty()) GTEST_SKIP() << "TINTYPE_BAD names no folder";
  const std::map<std::string, std::string> expectations = read_expectations();
  ASSERT_FALSE(expectations.empty());
  for (const std::string& path : files) {
    const std::string name = std::filesystem::path(path).filename().string();
    const std::string outcome = outcome_of(read_file(path), DamagedPolicy::kRefuse);
    const auto expected = expectations.find(name);
    if (expected == expectations.end()) {
      EXPECT_NE(outcome, "internal") << name;
    } else {
      EXPECT_NE(expected->second.find("|" + outcome + "|"), std::string::npos)
          << name << " ended as " << outcome << ", not as one of " << expected->second;
    }
    EXPECT_NE(outcome_of(read_file(path), DamagedPolicy::kKeep), "internal") << name;
  }
}

// By planes or by RGB: the same files are refused, for the same reason, and the same is said of those kept.
TEST(BadFiles, ALadderJudgesThemAsADecodeDoes) {
  std::vector<std::string> files = files_of("TINTYPE_BAD");
  const std::size_t bad = files.size();
  for (const std::string& photo : files_of("TINTYPE_PHOTOS")) files.push_back(photo);
  if (files.empty()) GTEST_SKIP() << "neither TINTYPE_BAD nor TINTYPE_PHOTOS names a folder";
  use_one_thread_per_codec();
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string& path = files[i];
    const Bytes file = read_file(path);
    const Result<SourceInfo> info = probe(file);
    if (!info || info->format != ImageFormat::kJpeg || !make_plan(builtin_recipes().front(), *info, Limits{})) continue;
    const std::uint32_t long_side = std::max(info->width, info->height);
    const std::vector<PictureSize> sizes = {
        {std::max(1u, info->upright_width() / 8), std::max(1u, info->upright_height() / 8)}};
    for (const DamagedPolicy damaged : {DamagedPolicy::kRefuse, DamagedPolicy::kKeep}) {
      if (i >= bad && damaged == DamagedPolicy::kKeep) continue;  // whole photos: the policy has nothing to say
      const DecodeOptions options{.min_long_side_px = std::max(1u, long_side / 8), .damaged = damaged};
      const Result<Decoded> decoded = decode(file, *info, options);
      const Result<Ladder> ladder = decode_ladder(file, *info, options, sizes);
      ASSERT_EQ(ladder.has_value(), decoded.has_value()) << path;
      if (!decoded) {
        EXPECT_EQ(error_name(ladder.error().code), error_name(decoded.error().code)) << path;
        continue;
      }
      EXPECT_EQ(ladder->warnings, decoded->warnings) << path;
      EXPECT_EQ(ladder->metadata.taken_text, decoded->metadata.taken_text) << path;
      EXPECT_EQ(as_text(ladder->metadata.icc), as_text(decoded->metadata.icc)) << path;
      EXPECT_EQ(ladder->decoded, (PictureSize{decoded->image.width, decoded->image.height})) << path;
    }
  }
}

}  // namespace
}  // namespace tintype
