#include <gtest/gtest.h>

#include <random>

#include "tests/core/job/samples.h"

namespace tintype {
namespace {

TEST(JobTest, ClassesComeBackFromTheirNames) {
  for (JobClass job_class : kJobClasses) EXPECT_EQ(parse_job_class(job_class_name(job_class)).value(), job_class);
  EXPECT_EQ(job_class_name(JobClass::kInteractive), "interactive");
  EXPECT_FALSE(parse_job_class("Bulk"));
}

TEST(JobTest, OwnersAreWords) {
  EXPECT_TRUE(is_valid_owner("a"));
  EXPECT_TRUE(is_valid_owner(std::string(64, 'Z')));
  for (std::string_view owner : {"", "a/b", "a b", "..", "a.b", "\xc3\xbc"}) EXPECT_FALSE(is_valid_owner(owner));
  EXPECT_FALSE(is_valid_owner(std::string(65, 'Z')));
}

TEST(JobTest, TheMessageIdIsIdAndGeneration) {
  Job job = sample_job();
  EXPECT_EQ(job.message_id(), job.id.to_string() + ".3");
}

TEST(JobTest, AWrittenJobComesBack) {
  const Job job = sample_job();
  const auto again = parse_job(to_json(job));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(same_job(*again, job));
}

TEST(JobTest, AnyJobComesBack) {
  std::mt19937_64 random(6);
  const std::string_view kWord = "azAZ09_-";
  const auto word = [&](std::size_t size) {
    std::string text;
    while (text.size() < size) text += kWord[random() % kWord.size()];
    return text;
  };
  for (int round = 0; round < 500; ++round) {
    Job job;
    job.id = SortableId{random()};
    job.generation = static_cast<std::uint32_t>(random());
    job.job_class = kJobClasses[random() % 3];
    job.owner = word(1 + random() % 64);
    job.photo = SortableId{random()};
    job.recipe = builtin_recipes()[random() % 2];
    job.recipe.metadata.gps = random() % 2 == 0;
    job.recipe.damaged = random() % 2 == 0 ? DamagedPolicy::kKeep : DamagedPolicy::kRefuse;
    job.recipe.rungs[0].quality = static_cast<int>(random() % 101);
    if (random() % 2 != 0) {
      job.recipe.rungs[1].quality = Rung().quality;
      job.recipe.rungs[1].target = QualityTarget{.score = 50 + static_cast<double>(random() % 40) / 2, .above = 2};
    }
    job.batch = word(random() % 65);
    job.trace_id = random() % 2 == 0 ? "" : "0af7651916cd43dd8448eb211c80319C";
    job.enqueued_at_ms = static_cast<UnixMs>(random() % 253'402'300'800'000);
    job.deadline_ms = random() % 2 == 0 ? 0 : job.enqueued_at_ms;
    const auto again = parse_job(to_json(job));
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_TRUE(same_job(*again, job)) << to_json(job);
  }
}

}  // namespace
}  // namespace tintype
