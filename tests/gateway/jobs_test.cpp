// /v1/jobs and /v1/dead
#include <gtest/gtest.h>

#include <format>

#include "storage_client/failing_store.h"
#include "tests/gateway/gateway_fixture.h"
#include "tests/gateway/store_decorators.h"

namespace tintype {
namespace {

class Jobs : public GatewayTest {
 protected:
  JobId job_of(const TestJson& receipt) { return SortableId::parse(receipt["job_id"].get<std::string>()).value(); }
  JobRecord record(JobId job) { return store.jobs->get(job).value(); }
  void change(JobId job, const std::function<void(JobRecord&)>& how) {
    ASSERT_TRUE(store.jobs->update(job, [&](JobRecord& r) { return how(r), true; }));
  }
  Answer post(const std::string& target) { return ask({.method = "POST", .target = target}); }
  // The waiting job ends among the dead letters; its number there.
  std::uint64_t bury_one() {
    auto deliveries = take_jobs();
    EXPECT_EQ(deliveries.size(), 1u);
    EXPECT_TRUE(memory_queue->dead_letter(*deliveries[0], {ErrorCode::kCorruptImage, "broken"}));
    return memory_queue->dead_letters(0, 10)->back().sequence;
  }
};

TEST_F(Jobs, AreShown) {
  start();
  const TestJson receipt = upload("abc", "?batch=b&class=interactive&recipe=web-webp");
  const JobId id = job_of(receipt);
  change(id, [](JobRecord& r) {
    r.state = JobState::kFailed;
    r.failure = Error{ErrorCode::kTruncatedImage, "it ends early"};
    r.bytes_out = 7;
    Attempt attempt;
    attempt.number = 1;
    attempt.node = "n1";
    attempt.started_at_ms = 1'700'000'000'000;
    attempt.ended_at_ms = 1'700'000'001'000;
    attempt.error = Error{ErrorCode::kWorkerCrashed, "signal 11"};
    attempt.decisions.push_back(
        {"probe", {{"cpu", 0.5, 0.25, ""}, {"gpu", 0, 0, "no decoder"}}, "cpu", "the only one", 0.4, 0.3, "ok"});
    r.attempts.push_back(attempt);
  });
  const TestJson job = get_json("/v1/jobs/" + id.to_string());
  EXPECT_EQ(job["id"], receipt["job_id"]);
  EXPECT_EQ(job["photo_id"], receipt["photo_id"]);
  EXPECT_EQ(job["state"], "failed");
  EXPECT_EQ(job["class"], "interactive");
  EXPECT_EQ(job["recipe"], "web-webp");
  EXPECT_EQ(job["batch"], "b");
  EXPECT_EQ(job["failure"], (TestJson{{"code", "truncated_image"}, {"message", "it ends early"}}));
  EXPECT_EQ(job["bytes_in"], 3);
  EXPECT_EQ(job["bytes_out"], 7);
  EXPECT_EQ(job["attempts"][0]["error"]["code"], "worker_crashed");
  EXPECT_EQ(job["attempts"][0]["started_at"], "2023-11-14T22:13:20.000Z");
  EXPECT_FALSE(job["attempts"][0].contains("decisions"));

  const TestJson story = get_json("/v1/jobs/" + id.to_string() + "/explain");
  EXPECT_EQ(story["job_id"], receipt["job_id"]);
  const TestJson& decision = story["attempts"][0]["decisions"][0];
  EXPECT_EQ(decision["task"], "probe");
  EXPECT_EQ(decision["chosen"], "cpu");
  EXPECT_EQ(decision["reason"], "the only one");
  EXPECT_EQ(decision["outcome"], "ok");
  EXPECT_EQ(decision["waited_seconds"], 0.4);
  EXPECT_EQ(decision["candidates"][0]["predicted_wait_seconds"], 0.5);
  EXPECT_EQ(decision["candidates"][0]["predicted_work_seconds"], 0.25);
  EXPECT_EQ(decision["candidates"][1]["excluded"], "no decoder");
}

TEST_F(Jobs, ExplainTellsHowScoresCameAbout) {
  start();
  const TestJson receipt = upload("abc");
  const std::string explain = "/v1/jobs/" + receipt["job_id"].get<std::string>() + "/explain";
  EXPECT_EQ(get_json(explain)["scores"], TestJson::array());

  const Photo photo = stored(receipt["photo_id"]);
  Manifest manifest = photo.heavy.manifest;
  manifest.job = job_of(receipt);
  Variant variant;
  variant.name = "1024.best";
  variant.format = ImageFormat::kAvif;
  variant.quality = 61;
  variant.encoder = "aom 3.12.1";
  variant.contract = ContractResult{.target = {.score = 72.5},
                                    .end = SearchEnd::kBetweenSteps,
                                    .score = 75.25,
                                    .quarters = 2,
                                    .probes = {{60, 70, 5, 0.5}, {61, 75.25, 8, 0.25, 2}},
                                    .share = 0.5,
                                    .rival_bytes = 9};
  manifest.variants = {variant, Variant{.name = "512.webp"}};
  ASSERT_TRUE(store.index->commit_manifest("local", photo.light.photo, manifest, {}));
  const TestJson scores = get_json(explain)["scores"];
  ASSERT_EQ(scores.size(), 1u);
  EXPECT_EQ(scores[0]["name"], "1024.best");
  EXPECT_EQ(scores[0]["encoder"], "aom 3.12.1");
  const TestJson& contract = scores[0]["contract"];
  EXPECT_EQ(contract["quality"], "ssimulacra2:72.5");
  EXPECT_EQ(contract["score"], 75.25);
  EXPECT_EQ(contract["met"], false);
  EXPECT_EQ(contract["end"], "between_steps");
  EXPECT_EQ(contract["encodes"], 2.5);
  EXPECT_EQ(contract["rival_bytes"], 9);
  EXPECT_EQ(contract["quarters"], 2);
  EXPECT_EQ(contract["probes"][1]["quality"], 61);
  EXPECT_EQ(contract["probes"][1]["quarters"], 2);
  EXPECT_FALSE(contract["probes"][0].contains("quarters"));
  EXPECT_EQ(get_json("/v1/photos/" + receipt["photo_id"].get<std::string>())["manifest"]["variants"][0]["contract"],
            contract);
}

TEST_F(Jobs, AreListedByWhatIsAsked) {
  start();
  const TestJson a = upload("a", "?batch=x");
  const TestJson b = upload("b", "?batch=y&class=bulk");
  const TestJson c = upload("c", "?batch=x");
  upload("d", "", "Tintype-Owner: eve\r\n");
  change(job_of(c), [](JobRecord& r) { r.state = JobState::kDone; });
  const auto ids = [&](const std::string& query) {
    std::set<std::string> out;
    const TestJson page = get_json("/v1/jobs" + query);
    for (const auto& job : page["jobs"]) out.insert(job["id"]);
    return out;
  };
  using Set = std::set<std::string>;
  EXPECT_EQ(ids(""), (Set{a["job_id"], b["job_id"], c["job_id"]}));
  EXPECT_EQ(ids("?batch=x"), (Set{a["job_id"], c["job_id"]}));
  EXPECT_EQ(ids("?state=queued"), (Set{a["job_id"], b["job_id"]}));
  EXPECT_EQ(ids("?state=queued&batch=x"), (Set{a["job_id"]}));
  EXPECT_EQ(ids("?class=bulk"), (Set{b["job_id"]}));
  const TestJson page = get_json("/v1/jobs?limit=2");
  EXPECT_EQ(page["jobs"].size(), 2u);
  EXPECT_EQ(get_json("/v1/jobs?limit=2&cursor=" + page["next"].get<std::string>())["jobs"].size(), 1u);
  for (const char* query : {"?state=lost", "?class=x", "?limit=0", "?batch=%2F", "?cursor=nonsense", "?owner=eve"}) {
    expect_problem(get(std::string("/v1/jobs") + query), 400, "invalid_argument");
  }
}

TEST_F(Jobs, OfOthersAreNotFound) {
  start();
  const std::string id = upload("a", "", "Tintype-Owner: eve\r\n")["job_id"];
  expect_problem(get("/v1/jobs/" + id), 404, "not_found");
  expect_problem(get("/v1/jobs/" + id + "/explain"), 404, "not_found");
  expect_problem(post("/v1/jobs/" + id + "/cancel"), 404, "not_found");
  expect_problem(get("/v1/jobs/0000000000000"), 404, "not_found");
  EXPECT_FALSE(record(SortableId::parse(id).value()).cancel_requested);
}

TEST_F(Jobs, CancelMarksTheRecordAndTellsTheNodes) {
  start();
  std::mutex mutex;
  std::vector<Event> told;
  const auto subscription = event_log->subscribe([&](const Event& event) {
    std::lock_guard lock(mutex);
    told.push_back(event);
  });
  const TestJson receipt = upload("abc", "?batch=b");
  const Answer answer = post("/v1/jobs/" + receipt["job_id"].get<std::string>() + "/cancel");
  EXPECT_EQ(answer.status, 202);
  EXPECT_TRUE(record(job_of(receipt)).cancel_requested);
  ASSERT_TRUE(soon([&] {
    const std::lock_guard lock(mutex);
    return told.size() == 1;
  }));
  EXPECT_EQ(told[0].type, "job.cancel_requested");
  EXPECT_EQ(told[0].job, job_of(receipt));
  EXPECT_EQ(told[0].owner, "local");
  EXPECT_EQ(told[0].batch, "b");
}

TEST_F(Jobs, ThatHaveEndedCannotBeCancelled) {
  start();
  const TestJson receipt = upload("abc");
  change(job_of(receipt), [](JobRecord& r) { r.state = JobState::kDone; });
  const Answer answer = post("/v1/jobs/" + receipt["job_id"].get<std::string>() + "/cancel");
  expect_problem(answer, 409, "conflict");
  EXPECT_TRUE(answer.body.contains("\"retryable\":false"));
  EXPECT_FALSE(record(job_of(receipt)).cancel_requested);
}

TEST_F(Jobs, DeadLettersAreListed) {
  start();
  const TestJson receipt = upload("abc");
  const std::uint64_t sequence = bury_one();
  const TestJson letter = get_json("/v1/dead")["dead"][0];
  EXPECT_EQ(letter["sequence"], sequence);
  EXPECT_EQ(letter["job"]["id"], receipt["job_id"]);
  EXPECT_EQ(letter["job"]["photo_id"], receipt["photo_id"]);
  EXPECT_EQ(letter["reason"], (TestJson{{"code", "corrupt_image"}, {"message", "broken"}}));
  EXPECT_EQ(letter["deliveries"], 1);
  EXPECT_TRUE(letter["raw"].get<std::string>().contains(receipt["job_id"].get<std::string>()));
  EXPECT_TRUE(get_json(std::format("/v1/dead?after={}", sequence))["dead"].empty());
}

TEST_F(Jobs, ReplayEnqueuesUnderAHigherGeneration) {
  start();
  const TestJson receipt = upload("abc");
  const std::uint64_t sequence = bury_one();
  ASSERT_TRUE(store.index->set_failed("local", SortableId::parse(receipt["photo_id"].get<std::string>()).value()));
  change(job_of(receipt), [](JobRecord& r) {
    r.state = JobState::kFailed;
    r.failure = Error{ErrorCode::kCorruptImage, "broken"};
    r.cancel_requested = true;
    r.job.generation = 4;  // the sweeper was there
  });
  const Answer answer = post(std::format("/v1/dead/{}/replay", sequence));
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(TestJson::parse(answer.body), (TestJson{{"job_id", receipt["job_id"]}, {"generation", 5}}));

  const auto deliveries = take_jobs();
  ASSERT_EQ(deliveries.size(), 1u);
  EXPECT_EQ(deliveries[0]->job()->generation, 5u);
  EXPECT_EQ(deliveries[0]->job()->id, job_of(receipt));
  EXPECT_EQ(record(job_of(receipt)).state, JobState::kQueued);
  EXPECT_FALSE(record(job_of(receipt)).failure);
  EXPECT_FALSE(record(job_of(receipt)).cancel_requested);
  EXPECT_EQ(record(job_of(receipt)).job.generation, 5u);
  EXPECT_EQ(stored(receipt["photo_id"]).heavy.job.generation, 5u);
  EXPECT_FALSE(stored(receipt["photo_id"]).light.failed);
  EXPECT_TRUE(get_json("/v1/dead")["dead"].empty());
  expect_problem(post(std::format("/v1/dead/{}/replay", sequence)), 404, "not_found");
}

TEST_F(Jobs, ReplaysOfOneLetterAtOnceEnqueueItOnce) {
  config.threads = 4;
  start();
  upload("abc");
  const std::string target = std::format("/v1/dead/{}/replay", bury_one());
  std::vector<int> statuses(8);
  {
    std::vector<std::jthread> clients;
    for (int& status : statuses) clients.emplace_back([&] { status = post(target).status; });
  }
  EXPECT_EQ(std::ranges::count(statuses, 202), 1);
  EXPECT_EQ(std::ranges::count(statuses, 404), 7);
  EXPECT_EQ(take_jobs().size(), 1u);
}

TEST_F(Jobs, ALetterThatCannotBeEnqueuedStays) {
  std::atomic<bool> down = false;
  MoodyQueue moody(*memory_queue, [&]() -> Status {
    if (down) return fail(ErrorCode::kUnavailable, "down");
    return {};
  });
  queue = &moody;
  start();
  upload("abc");
  const std::string target = std::format("/v1/dead/{}/replay", bury_one());
  down = true;
  expect_problem(post(target), 503, "unavailable");
  EXPECT_EQ(get_json("/v1/dead")["dead"].size(), 1u);
  down = false;
  EXPECT_TRUE(soon([&] { return post(target).status == 202; }));
  EXPECT_TRUE(get_json("/v1/dead")["dead"].empty());
  gateway.reset();
}

TEST_F(Jobs, ALetterOfADeletedPhotoCannotBeReplayed) {
  start();
  const TestJson receipt = upload("abc");
  const std::uint64_t sequence = bury_one();
  EXPECT_EQ(ask({.method = "DELETE", .target = "/v1/photos/" + receipt["photo_id"].get<std::string>()}).status, 204);
  expect_problem(post(std::format("/v1/dead/{}/replay", sequence)), 404, "not_found");
  EXPECT_TRUE(take_jobs().empty());
  EXPECT_EQ(ask({.method = "DELETE", .target = std::format("/v1/dead/{}", sequence)}).status, 204);
  EXPECT_TRUE(get_json("/v1/dead")["dead"].empty());
  expect_problem(ask({.method = "DELETE", .target = std::format("/v1/dead/{}", sequence)}), 404, "not_found");
  expect_problem(ask({.method = "DELETE", .target = "/v1/dead/x"}), 404, "not_found");
}

}  // namespace
}  // namespace tintype
