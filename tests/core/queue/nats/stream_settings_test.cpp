#include "core/queue/nats/stream_settings.h"

#include <gtest/gtest.h>

#include <set>

namespace tintype {
namespace {

NatsQueueConfig sample_config() {
  NatsQueueConfig config;
  config.max_waiting_jobs = 1000;
  return config;
}

std::vector<Setting> settings_of_first_stream() {
  const StreamSpec spec = stream_specs(sample_config()).front();
  const char* subject = nullptr;
  return settings_of(stream_config(spec, subject));
}

TEST(StreamSettings, ThereIsOneWorkQueueAClassAndTwoOthers) {
  const auto specs = stream_specs(sample_config());
  ASSERT_EQ(specs.size(), std::size(kJobClasses) + 2);
  std::set<std::string> names, subjects;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const bool is_class = i < std::size(kJobClasses);
    EXPECT_EQ(specs[i].retention, is_class ? js_WorkQueuePolicy : js_LimitsPolicy);
    EXPECT_EQ(specs[i].has_consumer, is_class);
    names.insert(specs[i].name);
    subjects.insert(specs[i].subject);
  }
  EXPECT_EQ(names.size(), specs.size());
  EXPECT_EQ(subjects.size(), specs.size());
  EXPECT_EQ(specs[0].name, "TINTYPE_JOBS_INTERACTIVE");
  EXPECT_EQ(specs[0].subject, "jobs.interactive.*");
  EXPECT_EQ(specs[0].discard, js_DiscardNew);
}

TEST(StreamSettings, EqualSettingsHaveNoDifference) {
  EXPECT_FALSE(first_difference(settings_of_first_stream(), settings_of_first_stream()));
}

// A server that drops any one setting is found, and the setting named with both values.
TEST(StreamSettings, ADifferenceInAnySettingIsNamed) {
  const auto wanted = settings_of_first_stream();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto actual = wanted;
    actual[i].value = "dropped";
    const auto difference = first_difference(wanted, actual);
    ASSERT_TRUE(difference) << wanted[i].name;
    EXPECT_EQ(difference->to_string(),
              std::string(wanted[i].name) + " is dropped on the server and should be " + wanted[i].value);
  }
}

TEST(StreamSettings, EachFieldOfAStreamIsSeen) {
  const StreamSpec spec = stream_specs(sample_config()).front();
  const char* subject = nullptr;
  const jsStreamConfig wanted = stream_config(spec, subject);
  const auto changed = [&](auto change) {
    jsStreamConfig other = wanted;
    change(other);
    const auto difference = first_difference(settings_of(wanted), settings_of(other));
    return difference ? std::string(difference->name) : "";
  };
  EXPECT_EQ(changed([](jsStreamConfig& c) { c.Retention = js_LimitsPolicy; }), "retention");
  EXPECT_EQ(changed([](jsStreamConfig& c) { c.MaxMsgs = 5; }), "max_msgs");
  EXPECT_EQ(changed([](jsStreamConfig& c) { c.MaxBytes = 5; }), "max_bytes");
  EXPECT_EQ(changed([](jsStreamConfig& c) { c.MaxAge = 5; }), "max_age");
  EXPECT_EQ(changed([](jsStreamConfig& c) { c.MaxMsgSize = 5; }), "max_msg_size");
  EXPECT_EQ(changed([](jsStreamConfig& c) { c.Discard = js_DiscardOld; }), "discard");
  EXPECT_EQ(changed([](jsStreamConfig& c) { c.Storage = js_MemoryStorage; }), "storage");
  EXPECT_EQ(changed([](jsStreamConfig& c) { c.Replicas = 3; }), "num_replicas");
  EXPECT_EQ(changed([](jsStreamConfig& c) { c.Duplicates = 5; }), "duplicate_window");
  EXPECT_EQ(changed([](jsStreamConfig& c) { c.SubjectsLen = 0; }), "subjects");
}

TEST(StreamSettings, EachFieldOfAConsumerIsSeen) {
  const jsConsumerConfig wanted = consumer_config(sample_config());
  const auto changed = [&](auto change) {
    jsConsumerConfig other = wanted;
    change(other);
    const auto difference = first_difference(settings_of(wanted), settings_of(other));
    return difference ? std::string(difference->name) : "";
  };
  EXPECT_EQ(changed([](jsConsumerConfig& c) { c.AckWait = 5; }), "ack_wait");
  EXPECT_EQ(changed([](jsConsumerConfig& c) { c.MaxDeliver = 5; }), "max_deliver");
  EXPECT_EQ(changed([](jsConsumerConfig& c) { c.MaxWaiting = 5; }), "max_waiting");
  EXPECT_EQ(changed([](jsConsumerConfig& c) { c.MaxAckPending = 5; }), "max_ack_pending");
  EXPECT_EQ(changed([](jsConsumerConfig& c) { c.AckPolicy = js_AckAll; }), "ack_policy");
  EXPECT_EQ(changed([](jsConsumerConfig& c) { c.FilterSubject = "x"; }), "filter_subject");
}

}  // namespace
}  // namespace tintype
