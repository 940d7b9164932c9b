// Job messages that nobody of ours wrote.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/core/job/samples.h"

namespace tintype {
namespace {

using ::testing::HasSubstr;

// The sample job with the first `from` replaced.
std::string with(std::string_view from, std::string_view to) {
  std::string json = to_json(sample_job());
  const std::size_t at = json.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return json.replace(at, from.size(), to);
}

TEST(HostileJobTest, NoPrefixIsAJob) {
  const std::string json = to_json(sample_job());
  for (std::size_t size = 0; size < json.size(); ++size) {
    const auto job = parse_job(std::string_view(json).substr(0, size));
    ASSERT_FALSE(job) << size;
    ASSERT_EQ(job.error().code, ErrorCode::kInvalidArgument);
    ASSERT_FALSE(job.error().message.empty());
  }
}

TEST(HostileJobTest, FlippedBytesGiveAJobOrAnError) {
  std::mt19937 random(7);
  const std::string json = to_json(sample_job());
  int refused = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::string broken = json;
    broken[random() % broken.size()] = static_cast<char>(random());
    const auto job = parse_job(broken);
    refused += !job;
    if (job) {
      ASSERT_TRUE(is_valid_owner(job->owner));
    }
  }
  EXPECT_GT(refused, 1'500);
}

TEST(HostileJobTest, EveryFieldIsNeededAndTyped) {
  const struct {
    std::string_view from, to, message;
  } cases[] = {
      {"\"owner\":\"anna_B-7\"", "\"owner\":7", "job.owner must be a string"},
      {"\"owner\":\"anna_B-7\"", "\"owner\":\"../etc\"", "job.owner must be 1 to 64 characters"},
      {"\"owner\":\"anna_B-7\"", "\"oner\":\"anna\"", "job.owner is missing"},
      {"\"owner\":\"anna_B-7\"", "\"owner\":\"a\\u0000b\"", "job.owner must be 1 to 64 characters"},
      {"\"batch\":\"holiday-2026\"", "\"batch\":\"a b\"", "job.batch must be at most 64 characters"},
      {"\"batch\":\"holiday-2026\"", "\"batch\":null", "job.batch must be a string"},
      {"\"generation\":3", "\"generation\":-1", "job.generation must be a whole number from 0 to 4294967295"},
      {"\"generation\":3", "\"generation\":4294967296", "job.generation must be a whole number"},
      {"\"generation\":3", "\"generation\":3.0", "job.generation must be a whole number"},
      {"\"generation\":3", "\"generation\":true", "job.generation must be a whole number"},
      {"\"generation\":3", "\"generation\":\"3\"", "job.generation must be a whole number"},
      {"\"generation\":3", "\"generation\":1e999", "not valid JSON"},
      {"\"class\":\"bulk\"", "\"class\":\"root\"", "job.class must be \"interactive\""},
      {"\"trace_id\":\"0a", "\"trace_id\":\"zz", "job.trace_id must be 32 hex digits"},
      {"\"deadline_ms\":1", "\"deadline_ms\":-1", "job.deadline_ms must be a whole number from 0"},
      {"\"deadline_ms\":1", "\"deadline_ms\":99999991", "job.deadline_ms must be a whole number from 0"},
      {"\"recipe\":{", "\"recipe\":[{", "not valid JSON"},
      {"\"recipe\":{", "\"recipe\":7,\"r\":{", "job.recipe: must be an object"},
      {"\"name\":\"web\"", "\"name\":\"\"", "job.recipe.name must be 1 to 40 characters"},
      {"\"damaged\":\"refuse\"", "\"damaged\":\"mend\"", "job.recipe.damaged must be \"refuse\" or \"keep\""},
      {"\"gps\":false", "\"gps\":0", "job.recipe.metadata.gps must be true or false"},
      {"\"rungs\":[", "\"rungs\":[],\"r\":[", "job.recipe.rungs must come 1 to 32 times, not 0"},
      {"\"rungs\":[", "\"rungs\":[7,", "job.recipe.rungs[0]: must be an object"},
      {"\"effort\":3", "\"effort\":11", "job.recipe.rungs[1].effort of avif must be a whole number from 0 to 10"},
      {"\"quality\":75", "\"quality\":-75", "job.recipe.rungs[0].quality must be a whole number from 0 to 100"},
      {"\"encoder\":\"aom\"", "\"encoder\":\"libwebp\"", "job.recipe.rungs[1].encoder \"libwebp\" does not make avif"},
      {"\"format\":\"avif\"", "\"format\":\"webp\"", "job.recipe.rungs[1].encoder \"aom\" does not make webp"},
      {"\"format\":\"avif\"", "\"format\":\"jpeg\"",
       "job.recipe.rungs[1].format must be \"webp\", \"avif\" or \"best\""},
      {"\"long_side\":1024", "\"long_side\":2048", "make a second \"2048.webp\""},
      {"\"long_side\":1024", "\"long_side\":65536", "job.recipe.rungs[2].long_side must be a whole number"},
      {"\"schema\":1", "\"schema\":0", "job.schema must be a whole number from 1"},
      {"\"schema\":1", "\"schma\":1", "job.schema is missing"},
  };
  for (const auto& [from, to, message] : cases) {
    const auto job = parse_job(with(from, to));
    ASSERT_FALSE(job) << to;
    EXPECT_EQ(job.error().code, ErrorCode::kInvalidArgument) << to;
    EXPECT_THAT(job.error().message, HasSubstr(message)) << to;
  }
}

TEST(HostileJobTest, ANewerSchemaIsUnsupported) {
  const auto job = parse_job(with("\"schema\":1", "\"schema\":2"));
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().code, ErrorCode::kUnsupported);
}

TEST(HostileJobTest, UnknownKeysOfANewerPeerAreIgnored) {
  const auto job = parse_job(with("\"schema\":1", "\"schema\":1,\"priority\":{\"deep\":[1,2,3]}"));
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_TRUE(same_job(*job, sample_job()));
}

TEST(HostileJobTest, WhatIsNoObjectIsRefused) {
  for (std::string_view json : {"null", "7", "\"job\"", "[]", "{}", "[{}]", "{} {}", "{\"schema\":1}garbage",
                                "\xef\xbb\xbf", "{\"schema\":1,\"id\":\"\xff\"}"}) {
    EXPECT_FALSE(parse_job(json)) << json;
  }
}

TEST(HostileJobTest, SizeAndDepthAreBoundedBeforeParsing) {
  const auto big = parse_job("{\"a\":\"" + std::string(256 * 1024, 'x') + "\"}");
  ASSERT_FALSE(big);
  EXPECT_THAT(big.error().message, HasSubstr("at most 262144 are taken"));

  for (const char* open : {"[", "{\"a\":"}) {
    std::string deep = "{\"a\":";
    while (deep.size() < 200'000) deep += open;
    const auto job = parse_job(deep);
    ASSERT_FALSE(job);
    EXPECT_THAT(job.error().message, HasSubstr("nests deeper than 16"));
  }
}

TEST(HostileJobTest, BracketsInsideStringsDoNotCount) {
  const std::string brackets(100, '[');
  EXPECT_TRUE(parse_job(with("\"schema\":1", "\"schema\":1,\"note\":\"\\\"\\\\" + brackets + "\"")));
}

}  // namespace
}  // namespace tintype
