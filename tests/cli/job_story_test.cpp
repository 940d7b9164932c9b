#include "cli/commands/job_story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands/devices_command.h"
#include "cli/commands/doctor_checks.h"
#include "cli/http/farm_client.h"

namespace tintype {
namespace {

using ::testing::HasSubstr;

TEST(JobStory, ReadsAsAStory) {
  const Json explanation = Json::parse(R"({"job_id":"0abc","attempts":[
    {"number":1,"node":"box","started_at":"2026-11-22T08:09:21.123Z","ended_at":"2026-11-22T08:09:22.000Z",
     "error":{"code":"worker_crashed","message":"signal 11"},
     "decisions":[{"task":"decode+resize","chosen":"cpu","reason":"it is first to be done",
       "candidates":[{"lane":"cpu","predicted_wait_seconds":0.012,"predicted_work_seconds":0.131,"excluded":""},
                     {"lane":"opencl-0","excluded":"does not decode"}],
       "waited_seconds":0.01,"worked_seconds":0.2,"outcome":"worker_crashed"}]},
    {"number":2,"node":"box","started_at":"2026-11-22T08:09:23.000Z","ended_at":"","error":null,"decisions":[]}]})");
  EXPECT_EQ(job_story(explanation),
            "Job 0abc\n"
            "\n  Attempt 1 on box, from 2026-11-22 08:09:21 to 2026-11-22 08:09:22\n"
            "    decode+resize\n"
            "         Lane       Wait    Work   Total\n"
            "      →  cpu       12 ms  131 ms  143 ms\n"
            "         opencl-0                         out: does not decode\n"
            "      Chosen: cpu, it is first to be done\n"
            "      Outcome: worker_crashed after 10 ms of waiting and 200 ms of work\n"
            "    Failed: worker_crashed: signal 11\n"
            "\n  Attempt 2 on box, from 2026-11-22 08:09:23\n"
            "    Under way.\n");
}

TEST(JobStory, TellsHowScoresCameAbout) {
  const Json explanation = Json::parse(R"({"job_id":"0abc","attempts":[],"scores":[
    {"name":"1024.best","format":"avif","quality":52,"bytes":34123,"encoder":"aom 3.12.1",
     "contract":{"quality":"ssimulacra2:70","score":70.42,"met":true,"end":"reached","encodes":3.5,"seconds":1.25,
                 "encode_seconds":0.4,"rival_bytes":51000,"quarters":1,
                 "probes":[{"quality":48,"score":68.9},{"quality":52,"quarters":1,"score":70.42}]}},
    {"name":"full.webp","format":"webp","quality":98,"bytes":120000,"encoder":"libwebp 1.5.0",
     "contract":{"quality":"ssimulacra2:90","score":88.9,"met":false,"end":"best_is_too_low","why":"it is too low","encodes":1,
                 "seconds":0.5,"encode_seconds":0.25,"probes":[{"quality":98,"score":88.9}]}}]})");
  EXPECT_THAT(
      job_story(explanation),
      HasSubstr(
          "\n  Scores\n"
          "    1024.best  avif, score 70.4 at quality 52.25, 34.1 kB: asked for ssimulacra2:70, met\n"
          "      3.50 encodes in 1.2 s of CPU, one alone 400 ms; tried 48: 68.9, 52.25: 70.4; by aom 3.12.1\n"
          "      The other format took 51.0 kB\n"
          "    full.webp  webp, score 88.9 at quality 98, 120 kB: asked for ssimulacra2:90, not met: it is too low\n"));
}

TEST(JobStory, OfAnotherVersionIsStillText) {
  for (const char* odd :
       {"{}", R"({"attempts":7})", R"({"attempts":[null,7,{}]})", R"({"job_id":{},"attempts":[{"decisions":[[]]}]})",
        R"({"scores":[null,7,{"contract":[]}]})"}) {
    EXPECT_THAT(job_story(Json::parse(odd)), HasSubstr("Job")) << odd;
  }
  EXPECT_THAT(jobs_table(Json::parse("[null,{},7]")), HasSubstr("State"));
  EXPECT_THAT(dead_table(Json::parse("[null,{},7]")), HasSubstr("Sequence"));
  EXPECT_THAT(job_text(Json::parse("[]")), HasSubstr("Job"));
}

TEST(JobsTable, LinesUp) {
  const Json jobs =
      Json::parse(R"([{"id":"0a","state":"done","class":"bulk","recipe":"web","photo_id":"0p","attempts":[{}],
    "bytes_in":1000000,"bytes_out":250000,"enqueued_at":"2026-11-22T08:09:21.123Z","failure":null},
    {"id":"0b","state":"failed","class":"upload","recipe":"web","photo_id":"0q","attempts":[{},{}],"failure":{"code":"timed_out"}}])");
  EXPECT_EQ(jobs_table(jobs),
            "Job  State   Class   Recipe  Photo  Tries       In     Out  Enqueued             Failure\n"
            "0a   done    bulk    web     0p         1  1.00 MB  250 kB  2026-11-22 08:09:21\n"
            "0b   failed  upload  web     0q         2                                        timed_out\n");
}

TEST(Devices, ShowLanesAndPace) {
  const std::string text =
      devices_text(Json::parse(R"([{"node":"box","lanes":[{"name":"cpu","kind":"cpu","device":"EPYC","slots":2,
    "state":"ready","tasks_done":1200,"tasks_failed":1,"restarts":3,"rates":[{"step":"decode","megapixels_per_second":210.04}]}]}])"));
  EXPECT_THAT(text, HasSubstr("  cpu   cpu       2  ready  1,200       1         3  EPYC\n"));
  EXPECT_THAT(text, HasSubstr("  cpu   decode      210.0 MP/s\n"));
  EXPECT_THAT(devices_text(Json::array()), HasSubstr("no nodes"));
}

TEST(Doctor, TellsTheRemedy) {
  EXPECT_EQ(
      findings_text({{Health::kOk, "memfd", "fine", ""}, {Health::kFail, "nats-server", "not found", "install it"}}),
      "ok    memfd        fine\n"
      "FAIL  nats-server  not found\n"
      "                   → install it\n");
  EXPECT_EQ(check_memfd().health, Health::kOk);
  EXPECT_EQ(check_free_space("/tmp/not/there/yet").name, "free space");
  EXPECT_EQ(check_farm("http://127.0.0.1:1").health, Health::kFail);
}

TEST(FarmUrl, IsCheckedAndTrimmed) {
  EXPECT_EQ(farm_url("http://127.0.0.1:8420/").value(), "http://127.0.0.1:8420");
  EXPECT_EQ(farm_url("https://farm.example").value(), "https://farm.example");
  for (const char* bad : {"", "127.0.0.1:8420", "ftp://x", "http://", "http://a b", "http://a?b"})
    EXPECT_FALSE(farm_url(bad)) << bad;
}

TEST(FarmErrors, ComeFromTheProblemOrTheStatus) {
  const Error told = error_of({422, R"({"code":"truncated_image","detail":"it ends early"})"});
  EXPECT_EQ(told.code, ErrorCode::kTruncatedImage);
  EXPECT_EQ(told.message, "it ends early");
  EXPECT_EQ(error_of({507, "<html>"}).code, ErrorCode::kStorageFull);
  EXPECT_EQ(error_of({404, ""}).code, ErrorCode::kNotFound);
  EXPECT_EQ(error_of({500, "{}"}).code, ErrorCode::kInternal);
  EXPECT_FALSE(json_of(HttpAnswer{200, "[1]"}));
  EXPECT_FALSE(json_of(HttpAnswer{200, "nginx"}));
}

}  // namespace
}  // namespace tintype
