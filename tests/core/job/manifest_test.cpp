#include "core/job/manifest.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/core/job/samples.h"

namespace tintype {
namespace {

TEST(ManifestTest, AWrittenManifestComesBack) {
  const Manifest manifest = sample_manifest();
  const auto again = parse_manifest(to_json(manifest));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->revision, manifest.revision);
  EXPECT_EQ(again->recipe_name, manifest.recipe_name);
  EXPECT_EQ(again->recipe_version, manifest.recipe_version);
  EXPECT_EQ(again->source.format, manifest.source.format);
  EXPECT_EQ(again->source.width, manifest.source.width);
  EXPECT_EQ(again->source.height, manifest.source.height);
  EXPECT_EQ(again->source.orientation, manifest.source.orientation);
  EXPECT_EQ(again->source.channels, manifest.source.channels);
  EXPECT_EQ(again->source.bits, manifest.source.bits);
  EXPECT_EQ(again->source.has_alpha, manifest.source.has_alpha);
  EXPECT_EQ(again->source.progressive, manifest.source.progressive);
  EXPECT_EQ(again->source.frames, manifest.source.frames);
  EXPECT_EQ(again->source.bytes, manifest.source.bytes);
  EXPECT_EQ(again->variants, manifest.variants);
  EXPECT_EQ(again->warnings, manifest.warnings);
  EXPECT_EQ(again->job, manifest.job);
  EXPECT_EQ(again->committed_at_ms, manifest.committed_at_ms);
}

TEST(ManifestTest, IsCompleteByVersionAndNames) {
  const Recipe& web = builtin_recipes().front();
  Manifest manifest = sample_manifest();
  EXPECT_TRUE(manifest.is_complete_for(web));
  EXPECT_FALSE(manifest.is_complete_for(builtin_recipes()[1]));

  manifest.variants[3].encoder = "another build";
  EXPECT_TRUE(manifest.is_complete_for(web));
  manifest.variants.erase(manifest.variants.begin() + 3);
  EXPECT_FALSE(manifest.is_complete_for(web));
  EXPECT_FALSE(Manifest().is_complete_for(web));
}

TEST(ManifestTest, FindsAVariantByName) {
  const Manifest manifest = sample_manifest();
  ASSERT_NE(manifest.find("512.avif"), nullptr);
  EXPECT_EQ(manifest.find("512.avif")->width, 512u);
  EXPECT_EQ(manifest.find("513.avif"), nullptr);
}

// Whatever a lane reported, what was committed must read back.
TEST(ManifestTest, OddValuesStillReadBack) {
  Manifest manifest = sample_manifest();
  manifest.variants[0].encode_seconds = std::numeric_limits<double>::quiet_NaN();
  manifest.warnings = {"not UTF-8: \xff\xc2", std::string("nul \0 inside", 12)};
  const auto again = parse_manifest(to_json(manifest));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(std::isinf(again->variants[0].encode_seconds));
  EXPECT_EQ(again->warnings[0], "not UTF-8: \xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(again->warnings[1], manifest.warnings[1]);
}

TEST(ManifestTest, WhatDoesNotReadBackIsCorruptData) {
  EXPECT_EQ(parse_manifest("").error().code, ErrorCode::kCorruptData);
  EXPECT_EQ(parse_manifest("{\"schema\":1}").error().code, ErrorCode::kCorruptData);
  EXPECT_EQ(parse_manifest("{\"schema\":2}").error().code, ErrorCode::kUnsupported);
}

TEST(ManifestTest, NoPrefixIsAManifest) {
  Manifest manifest = sample_manifest();
  manifest.variants.resize(1);
  const std::string json = to_json(manifest);
  for (std::size_t size = 0; size < json.size(); ++size) {
    ASSERT_FALSE(parse_manifest(std::string_view(json).substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace tintype
