#include "core/job/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/core/job/samples.h"

namespace tintype {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Recipe& web() { return builtin_recipes().front(); }

Recipe one_rung(std::uint32_t long_side_px, ImageFormat format, Encoder encoder) {
  Recipe recipe;
  recipe.name = "one";
  recipe.rungs = {{long_side_px, format, 50, 4, encoder}};
  return recipe;
}

PlannedEncode encode_of(const Plan& plan, std::string_view variant) {
  for (const PlannedVariant& v : plan.variants) {
    if (v.name == variant) return plan.encodes.at(v.encode);
  }
  ADD_FAILURE() << "no variant " << variant;
  return {};
}

TEST(PlanTest, ALargePhotoGetsTheWholeLadder) {
  const Plan plan = make_plan(web(), sample_source(4032, 3024), {}).value();
  ASSERT_EQ(plan.encodes.size(), 8u);
  ASSERT_EQ(plan.variants.size(), 8u);
  const std::uint32_t sizes[][2] = {{2048, 1536}, {1024, 768}, {512, 384}, {256, 192}};
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(plan.encodes[i].width, sizes[i / 2][0]);
    EXPECT_EQ(plan.encodes[i].height, sizes[i / 2][1]);
    EXPECT_EQ(plan.encodes[i].format, i % 2 == 0 ? ImageFormat::kWebp : ImageFormat::kAvif);
    EXPECT_EQ(plan.variants[i].name, web().rungs[i].name());
    EXPECT_EQ(plan.variants[i].encode, i);
  }
  EXPECT_THAT(plan.notes, IsEmpty());
}

TEST(PlanTest, APhotoOnItsSideIsPlannedUpright) {
  const Plan plan = make_plan(web(), sample_source(4032, 3024, 6), {}).value();
  EXPECT_EQ(plan.encodes[0].width, 1536u);
  EXPECT_EQ(plan.encodes[0].height, 2048u);
}

TEST(PlanTest, RungsOfASmallPhotoShareAnEncode) {
  const Plan plan = make_plan(web(), sample_source(300, 200), {}).value();
  ASSERT_EQ(plan.encodes.size(), 4u);
  EXPECT_EQ(plan.variants.size(), 8u);
  for (const char* name : {"2048.webp", "1024.webp", "512.webp"}) {
    EXPECT_EQ(encode_of(plan, name), plan.encodes[0]) << name;
  }
  EXPECT_EQ(plan.encodes[0].width, 300u);
  EXPECT_EQ(plan.encodes[0].height, 200u);
  EXPECT_EQ(encode_of(plan, "256.webp").height, 171u);  // 170.67
}

TEST(PlanTest, AThreadOfAPhotoKeepsOnePixel) {
  const Plan plan = make_plan(web(), sample_source(20'000, 1), {}).value();
  EXPECT_EQ(encode_of(plan, "256.avif").width, 256u);
  EXPECT_EQ(encode_of(plan, "256.avif").height, 1u);
}

TEST(PlanTest, HalvesRoundUp) {
  const Plan plan = make_plan(one_rung(2, ImageFormat::kWebp, Encoder::kLibwebp), sample_source(4, 3), {}).value();
  EXPECT_EQ(plan.encodes[0].height, 2u);
}

TEST(PlanTest, EncodesAreSortedWhateverTheRecipesOrder) {
  Recipe recipe;
  recipe.name = "shuffled";
  recipe.rungs = {{256, ImageFormat::kAvif, 60, 3, Encoder::kAom},
                  {0, ImageFormat::kAvif, 60, 3, Encoder::kAom},
                  {256, ImageFormat::kWebp, 75, 4, Encoder::kLibwebp},
                  {1024, ImageFormat::kWebp, 75, 4, Encoder::kLibwebp}};
  const Plan plan = make_plan(recipe, sample_source(1600, 1200), {}).value();
  ASSERT_EQ(plan.encodes.size(), 4u);
  EXPECT_EQ(plan.encodes[0].width, 1600u);
  EXPECT_EQ(plan.encodes[1].width, 1024u);
  EXPECT_EQ(plan.encodes[2].format, ImageFormat::kWebp);
  EXPECT_EQ(plan.encodes[3].format, ImageFormat::kAvif);
  EXPECT_EQ(plan.variants[0].name, "256.avif");
  EXPECT_EQ(plan.variants[0].encode, 3u);
  EXPECT_EQ(plan.variants[1].name, "full.avif");
  EXPECT_EQ(plan.variants[1].encode, 0u);
}

TEST(PlanTest, DifferentSettingsAreDifferentEncodes) {
  Recipe recipe;
  recipe.name = "two";
  recipe.rungs = {{2000, ImageFormat::kWebp, 75, 4, Encoder::kLibwebp},
                  {1000, ImageFormat::kWebp, 80, 4, Encoder::kLibwebp},
                  {500, ImageFormat::kWebp, 80, 4, Encoder::kLibwebp}};
  const Plan plan = make_plan(recipe, sample_source(100, 100), {}).value();
  EXPECT_EQ(plan.encodes.size(), 2u);
  EXPECT_NE(plan.variants[0].encode, plan.variants[1].encode);
  EXPECT_EQ(plan.variants[1].encode, plan.variants[2].encode);
}

TEST(PlanTest, WebpStopsAtItsOwnLargestSide) {
  const Recipe recipe = one_rung(0, ImageFormat::kWebp, Encoder::kLibwebp);
  const Plan plan = make_plan(recipe, sample_source(1000, 20'000), {}).value();
  EXPECT_EQ(plan.encodes[0].height, 16383u);
  EXPECT_EQ(plan.encodes[0].width, 819u);
  ASSERT_EQ(plan.notes.size(), 1u);
  EXPECT_THAT(plan.notes[0], HasSubstr("full.webp: made 16383 px long, not 20000"));

  const Plan exact = make_plan(recipe, sample_source(1000, 16'383), {}).value();
  EXPECT_EQ(exact.encodes[0].height, 16383u);
  EXPECT_THAT(exact.notes, IsEmpty());
}

TEST(PlanTest, AvifStopsAtItsOwnLargestSide) {
  const Recipe recipe = one_rung(0, ImageFormat::kAvif, Encoder::kAom);
  const Plan plan = make_plan(recipe, sample_source(100'000, 100), {}).value();
  EXPECT_EQ(plan.encodes[0].width, 65535u);
  EXPECT_EQ(plan.encodes[0].height, 66u);
  EXPECT_EQ(plan.notes.size(), 1u);
}

TEST(PlanTest, AnEffortThatIsLeftOutIsTheClasss) {
  for (const auto& [format, encoder] :
       {std::pair{ImageFormat::kWebp, Encoder::kLibwebp}, {ImageFormat::kAvif, Encoder::kAom}}) {
    Recipe recipe = one_rung(0, format, encoder);
    recipe.rungs[0].effort = kEffortByClass;
    int least = -1;
    for (const JobClass job_class : kJobClasses) {
      const int effort = make_plan(recipe, sample_source(640, 480), {}, job_class)->encodes[0].effort;
      EXPECT_EQ(effort, effort_of_class(format, job_class));
      EXPECT_GE(effort, least) << "bulk jobs take more trouble than people who wait can";
      least = effort;
    }
    recipe.rungs[0].effort = 0;
    EXPECT_EQ(make_plan(recipe, sample_source(640, 480), {}, JobClass::kBulk)->encodes[0].effort, 0);
  }
}

TEST(PlanTest, PoliciesAreCarriedOver) {
  Recipe recipe = web();
  recipe.metadata = {.colour_profile = false, .date = false, .gps = true, .camera = true};
  recipe.damaged = DamagedPolicy::kKeep;
  const Plan plan = make_plan(recipe, sample_source(10, 10), {}).value();
  EXPECT_EQ(plan.metadata, recipe.metadata);
  EXPECT_EQ(plan.damaged, DamagedPolicy::kKeep);
}

TEST(PlanTest, NothingIsNoPicture) {
  EXPECT_EQ(make_plan(web(), sample_source(0, 10), {}).error().code, ErrorCode::kCorruptImage);
  EXPECT_EQ(make_plan(web(), sample_source(10, 0), {}).error().code, ErrorCode::kCorruptImage);
  SourceInfo frameless = sample_source(10, 10);
  frameless.frames = 0;
  EXPECT_EQ(make_plan(web(), frameless, {}).error().code, ErrorCode::kCorruptImage);
}

TEST(PlanTest, LimitsHoldToThePixel) {
  const Limits limits{.max_pixels = 1000, .max_total_pixels = 5000, .max_bytes = 100};
  const auto code_of = [&](std::uint32_t width, std::uint32_t height, std::uint32_t frames, std::uint64_t bytes) {
    SourceInfo source = sample_source(width, height);
    source.frames = frames;
    source.bytes = bytes;
    const auto plan = make_plan(web(), source, limits);
    return plan ? std::string_view("ok") : error_name(plan.error().code);
  };
  EXPECT_EQ(code_of(100, 10, 5, 100), "ok");
  EXPECT_EQ(code_of(1001, 1, 1, 100), "image_too_large");
  EXPECT_EQ(code_of(100, 10, 6, 100), "image_too_large");
  EXPECT_EQ(code_of(100, 10, 1, 101), "image_too_large");
  EXPECT_EQ(code_of(999, 1, 5, 0), "ok");
  EXPECT_EQ(code_of(999, 1, 6, 0), "image_too_large");
}

TEST(PlanTest, TheLargestHeaderDoesNotWrapAround) {
  SourceInfo source = sample_source(0xFFFFFFFF, 0xFFFFFFFF);
  source.frames = 0xFFFFFFFF;
  EXPECT_EQ(make_plan(web(), source, {}).error().code, ErrorCode::kImageTooLarge);
  EXPECT_NE(make_plan(web(), source, {}).error().message.find("save a smaller copy"), std::string::npos);
  Limits none;
  none.max_pixels = none.max_total_pixels = none.max_bytes = ~0ull;
  EXPECT_EQ(make_plan(web(), source, none).error().code, ErrorCode::kImageTooLarge);  // frames x pixels
  source.frames = 1;
  const Plan plan = make_plan(web(), source, none).value();
  EXPECT_EQ(plan.encodes[0].width, 2048u);
  EXPECT_EQ(plan.encodes[0].height, 2048u);
}

Recipe random_recipe(std::mt19937& random) {
  const auto any = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
  Recipe recipe;
  recipe.name = "random";
  const int count = any(1, 12);
  for (int i = 0; i < count; ++i) {
    const bool is_webp = any(0, 1) == 1;
    const Rung rung{static_cast<std::uint32_t>(any(0, 9) == 0 ? 0 : any(1, 20'000)),
                    is_webp ? ImageFormat::kWebp : ImageFormat::kAvif, any(0, 3) * 25, any(0, 6),
                    is_webp ? Encoder::kLibwebp : Encoder::kAom};
    const bool is_new = std::ranges::none_of(recipe.rungs, [&](const Rung& r) { return r.name() == rung.name(); });
    if (is_new) recipe.rungs.push_back(rung);
  }
  return recipe;
}

TEST(PlanPropertyTest, AnyRecipeOnAnySource) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> log_side(0, std::log(30'000));
  Limits limits;
  limits.max_pixels = limits.max_total_pixels = 1'000'000'000;
  for (int round = 0; round < 3'000; ++round) {
    const Recipe recipe = random_recipe(random);
    const SourceInfo source = sample_source(static_cast<std::uint32_t>(std::exp(log_side(random))),
                                            static_cast<std::uint32_t>(std::exp(log_side(random))),
                                            static_cast<std::uint8_t>(1 + random() % 8));
    const auto result = make_plan(recipe, source, limits);
    ASSERT_TRUE(result) << result.error().message;
    const Plan& plan = *result;

    ASSERT_EQ(plan.variants.size(), recipe.rungs.size());
    std::vector<int> uses(plan.encodes.size());
    for (std::size_t i = 0; i < recipe.rungs.size(); ++i) {
      ASSERT_EQ(plan.variants[i].name, recipe.rungs[i].name());
      ASSERT_LT(plan.variants[i].encode, plan.encodes.size());
      ++uses[plan.variants[i].encode];
      const PlannedEncode& encode = plan.encodes[plan.variants[i].encode];
      ASSERT_EQ(encode.format, recipe.rungs[i].format);
      ASSERT_EQ(encode.quality, recipe.rungs[i].quality);
      ASSERT_EQ(encode.effort, recipe.rungs[i].effort);
      if (recipe.rungs[i].long_side_px != 0) {
        ASSERT_LE(std::max(encode.width, encode.height), recipe.rungs[i].long_side_px);
      }
    }
    for (int count : uses) ASSERT_GE(count, 1) << "an encode that no variant uses";

    for (std::size_t i = 0; i < plan.encodes.size(); ++i) {
      const PlannedEncode& encode = plan.encodes[i];
      ASSERT_GE(std::min(encode.width, encode.height), 1u);
      ASSERT_LE(encode.width, source.upright_width()) << "enlarged";
      ASSERT_LE(encode.height, source.upright_height()) << "enlarged";
      const double scale = double(std::max(encode.width, encode.height)) / std::max(source.width, source.height);
      ASSERT_LE(std::abs(encode.width - std::max(1.0, source.upright_width() * scale)), 0.5);
      ASSERT_LE(std::abs(encode.height - std::max(1.0, source.upright_height() * scale)), 0.5);
      ASSERT_EQ(std::ranges::count(plan.encodes, encode), 1) << "the same work twice";
      if (i > 0) {
        const PlannedEncode& before = plan.encodes[i - 1];
        ASSERT_GE(std::uint64_t{before.width} * before.height, std::uint64_t{encode.width} * encode.height);
      }
    }
  }
}

Recipe scored(std::uint32_t long_side_px, bool is_best) {
  Recipe recipe = one_rung(long_side_px, ImageFormat::kWebp, Encoder::kLibwebp);
  recipe.rungs[0].target = QualityTarget{.score = 80};
  recipe.rungs[0].is_best = is_best;
  if (is_best) recipe.rungs[0].effort = kEffortByClass;
  return recipe;
}

TEST(PlanTest, AScoreTakesThePlaceOfAQuality) {
  const Plan plan = make_plan(scored(1024, false), sample_source(4000, 3000), {}).value();
  EXPECT_EQ(plan.encodes[0].target, QualityTarget{.score = 80});
  EXPECT_EQ(plan.encodes[0].quality, 0);
  EXPECT_EQ(plan.encodes[0].max_bytes, 0u);
  EXPECT_FALSE(plan.encodes[0].rival);
}

TEST(PlanTest, AFullSizeScoreHasNoMoreBytesThanItsSource) {
  for (const std::uint32_t long_side : {0u, 4000u, 5000u}) {
    const SourceInfo source = sample_source(4000, 3000);
    const Plan plan = make_plan(scored(long_side, false), source, {}).value();
    EXPECT_EQ(plan.encodes[0].max_bytes, source.bytes) << long_side;
  }
}

TEST(PlanTest, TheBestIsARaceAfterTheOthersOfItsSize) {
  Recipe recipe = scored(1024, true);
  recipe.rungs.push_back({1024, ImageFormat::kAvif, 60, 3, Encoder::kAom});
  recipe.rungs.push_back({1024, ImageFormat::kWebp, 75, 4, Encoder::kLibwebp});
  const Plan plan = make_plan(recipe, sample_source(4000, 3000), {}, JobClass::kBulk).value();
  ASSERT_EQ(plan.encodes.size(), 3u);
  EXPECT_EQ(plan.encodes[0].format, ImageFormat::kWebp);
  EXPECT_EQ(plan.encodes[1].format, ImageFormat::kAvif);
  const PlannedEncode& race = encode_of(plan, "1024.best");
  EXPECT_EQ(race, plan.encodes[2]);
  ASSERT_TRUE(race.rival);
  EXPECT_EQ(race.effort, effort_of_class(ImageFormat::kWebp, JobClass::kBulk));
  EXPECT_EQ(race.rival->effort, effort_of_class(ImageFormat::kAvif, JobClass::kBulk));
}

}  // namespace
}  // namespace tintype
