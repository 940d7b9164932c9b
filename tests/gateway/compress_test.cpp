// POST /v1/compress and POST /v1/jobs, with a thread of the test's own for a node.
#include <atomic>
#include <thread>

#include "gateway/jobs/transients.h"
#include "tests/gateway/store_decorators.h"
#include "tests/gateway/upload_fixture.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;

class Compress : public Upload {
 protected:
  ~Compress() override {
    stop_node();
    gateway.reset();
  }

  // Does jobs as a node would: each variant's bytes are "<name> of <the original's bytes>"; "bad" is no
  // picture.
  void start_node() {
    node_ = std::jthread([this](std::stop_token stop) {
      while (!stop.stop_requested()) {
        for (const JobClass job_class : {JobClass::kInteractive, JobClass::kUpload}) {
          const auto deliveries = memory_queue->fetch(job_class, 1, 5ms).value();
          for (const auto& delivery : deliveries) {
            work(*delivery->job());
            EXPECT_TRUE(delivery->ack());
          }
        }
      }
    });
  }
  void stop_node() { node_ = {}; }

  void work(const Job& job) {
    const auto photo = store.index->get(job.owner, job.photo);
    if (!photo) return;
    const std::string source = blob_text(photo->heavy.original_key);
    Event event{
        .id = job.message_id(), .type = "job.done", .owner = job.requester(), .photo = job.photo, .job = job.id};
    if (source == "bad") {
      EXPECT_TRUE(store.index->set_failed(job.owner, job.photo));
      end(job, JobState::kFailed, Error{ErrorCode::kNotAnImage, "no picture"});
      event.type = "job.failed";
    } else {
      commit(job, *photo, source);
      end(job, JobState::kDone, {});
    }
    if (tell) {
      EXPECT_TRUE(event_log->publish(event));
    }
  }
  void commit(const Job& job, const Photo& photo, const std::string& source) {
    Manifest manifest = photo.heavy.manifest;
    manifest.recipe_name = job.recipe.name;
    manifest.recipe_version = job.recipe.version();
    for (const Rung& rung : job.recipe.rungs) {
      const std::string bytes = rung.name() + " of " + source;
      const BlobKey key{job.owner, job.photo, 0, rung.name() + "-1"};
      const BlobPut put{key, as_bytes(bytes)};
      EXPECT_TRUE(store.blobs->put_all({&put, 1}));
      manifest.variants.push_back({.name = rung.name(),
                                   .blob_key = key.to_string(),
                                   .width = 2,
                                   .height = 1,
                                   .bytes = bytes.size(),
                                   .format = rung.format,
                                   .sha256 = to_hex(sha256(as_bytes(bytes)))});
      if (!rung.target) continue;
      Variant& variant = manifest.variants.back();
      variant.quality = 64;
      variant.contract = ContractResult{.target = *rung.target,
                                        .end = SearchEnd::kBestIsTooLow,
                                        .score = 66.125,
                                        .probes = {{64, 66.125, 100, 0.5}},
                                        .share = 0.25};
    }
    LightUpdate update;
    update.complete = true;
    (void)store.index->commit_manifest(job.owner, job.photo, manifest, update).has_value();  // it may be gone
  }
  void end(const Job& job, JobState state, std::optional<Error> failure) {
    (void)store.jobs
        ->update(job.id,
                 [&](JobRecord& record) {
                   record.state = state;
                   record.failure = failure;
                   return true;
                 })
        .has_value();
  }

  Answer compress(const std::string& body, const std::string& query = "", const std::string& headers = "") {
    return ask({.method = "POST", .target = "/v1/compress" + query, .headers = headers, .body = body});
  }
  Answer submit(const std::string& body, const std::string& query = "", const std::string& headers = "") {
    return ask({.method = "POST", .target = "/v1/jobs" + query, .headers = headers, .body = body});
  }
  // Neither photo nor blob; records of jobs that had ended are gone, too.
  void expect_nothing_stays() {
    EXPECT_TRUE(soon([&] { return blob_keys().empty() && photos_of(std::string(kTransientOwner)) == 0; }));
  }

  std::atomic<bool> tell = true;
  std::jthread node_;
};

TEST_F(Compress, AnswersWithTheVariant) {
  start();
  start_node();
  const Answer answer = compress("abc", "?format=avif&long_side=1024&quality=50&effort=1");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body, "1024.avif of abc");
  EXPECT_EQ(answer.header("content-type"), "image/avif");
  EXPECT_EQ(answer.header("tintype-width"), "2");
  EXPECT_EQ("Repr-Digest: " + answer.header("repr-digest") + "\r\n", digest_header(answer.body));
  EXPECT_EQ(compress("abc").body, "full.webp of abc");
  EXPECT_EQ(compress("abc", "?recipe=web&rung=512.webp").body, "512.webp of abc");
  expect_nothing_stays();
  EXPECT_TRUE(soon([&] { return store.jobs->list({})->records.empty(); }));
}

TEST_F(Compress, SaysHowAScoreWasMet) {
  start();
  start_node();
  const Answer answer = compress("abc", "?format=best&long_side=1024&quality=ssimulacra2:72.5");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body, "1024.best of abc");
  EXPECT_EQ(answer.header("tintype-quality"), "64");
  EXPECT_EQ(answer.header("tintype-score"), "66.12");
  EXPECT_EQ(answer.header("tintype-score-met"), "best_is_too_low");
  EXPECT_EQ(answer.header("tintype-encodes"), "1.25");
  EXPECT_EQ(compress("abc", "?quality=60").header("tintype-score"), "");
}

TEST_F(Compress, LooksForItselfWhenAnEventGetsLost) {
  start();
  tell = false;
  start_node();
  EXPECT_EQ(compress("abc").status, 200);
}

TEST_F(Compress, SaysWhatIsWrongWithThePicture) {
  start();
  start_node();
  expect_problem(compress("bad"), 422, "not_an_image");
  expect_nothing_stays();
}

TEST_F(Compress, EndsAtTheDeadlineAndLeavesNothing) {
  start();
  const auto began_at = std::chrono::steady_clock::now();
  expect_problem(compress("abc", "?deadline_ms=200"), 504, "timed_out");
  EXPECT_LT(std::chrono::steady_clock::now() - began_at, 1s);
  expect_nothing_stays();
  const auto jobs_waiting = take_jobs(JobClass::kInteractive);
  ASSERT_EQ(jobs_waiting.size(), 1u);
  EXPECT_GT(jobs_waiting[0]->job()->deadline_ms, 0);
  EXPECT_TRUE(store.jobs->get(jobs_waiting[0]->job()->id)->cancel_requested);
}

TEST_F(Compress, AClientThatLeavesLeavesNothing) {
  start();
  {
    SocketClient client(port);
    client.send(to_text({.method = "POST", .target = "/v1/compress", .body = "abc"}, port));
    EXPECT_TRUE(soon([&] { return !blob_keys().empty(); }));
  }
  expect_nothing_stays();
}

TEST_F(Compress, HoldsNoWorkerWhileItWaits) {
  config.threads = 1;
  start();
  std::vector<std::unique_ptr<SocketClient>> waiting;
  for (int i = 0; i < 20; ++i) {
    waiting.push_back(std::make_unique<SocketClient>(port));
    waiting.back()->send(to_text({.method = "POST", .target = "/v1/compress", .body = std::to_string(i)}, port));
  }
  EXPECT_TRUE(soon([&] { return photos_of(std::string(kTransientOwner)) == 20; }));
  EXPECT_EQ(get("/healthz").status, 200);
  start_node();
  for (int i = 0; i < 20; ++i) {
    const auto answer = waiting[static_cast<std::size_t>(i)]->receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, std::format("full.webp of {}", i));
  }
  // The connection goes on.
  waiting[0]->send(to_text({.method = "GET", .target = "/healthz"}, port));
  EXPECT_EQ(waiting[0]->receive()->status, 200);
}

TEST_F(Compress, IsRefusedWhenTooManyWait) {
  config.max_compress_waiting = 1;
  start();
  SocketClient client(port);
  client.send(to_text({.method = "POST", .target = "/v1/compress", .body = "abc"}, port));
  EXPECT_TRUE(soon([&] { return !blob_keys().empty(); }));
  const Answer full = compress("abc");
  expect_problem(full, 429, "queue_full");
  EXPECT_EQ(full.header("retry-after"), "1");
  start_node();
  EXPECT_EQ(client.receive()->status, 200);
  EXPECT_TRUE(soon([&] { return compress("abc").status == 200; }));
}

TEST_F(Compress, AQueueThatTakesNothingIsSaidSo) {
  for (const auto& [code, status] : {std::pair(ErrorCode::kQueueFull, 429), std::pair(ErrorCode::kUnavailable, 503)}) {
    MoodyQueue moody(*memory_queue, [&] { return fail(code, "not now"); });
    queue = &moody;
    start();
    const Answer answer = compress("abc");
    expect_problem(answer, status, error_name(code));
    EXPECT_EQ(answer.header("retry-after"), "1");
    expect_nothing_stays();
    const Answer submitted = submit("abc");  // which a queue that is down only delays
    EXPECT_EQ(submitted.status, code == ErrorCode::kQueueFull ? 429 : 202) << submitted.body;
    gateway.reset();
  }
}

TEST_F(Compress, RefusesWhatItCannotMake) {
  start();
  for (const char* query : {"?format=jpeg",
                            "?quality=101",
                            "?quality=ssim:70",
                            "?quality=ssimulacra2:99",
                            "?format=best",
                            "?format=best&quality=70",
                            "?format=best&quality=ssimulacra2:70&effort=2",
                            "?format=best&quality=ssimulacra2:70&encoder=tintype",
                            "?encoder=x265",
                            "?encoder=aom",
                            "?format=avif&encoder=libwebp",
                            "?recipe=web&rung=1024.webp&encoder=libwebp",
                            "?effort=7",
                            "?long_side=70000",
                            "?deadline_ms=99",
                            "?recipe=web&format=webp",
                            "?recipe=web",
                            "?recipe=web&rung=3.webp",
                            "?recipe=none&rung=1.webp",
                            "?colour=1"}) {
    expect_problem(compress("abc", query), 400, "invalid_argument");
  }
  expect_problem(compress("abc", "", "Idempotency-Key: k\r\n"), 400, "invalid_argument");
  expect_problem(compress("abc", "", digest_header("xyz")), 422, "invalid_argument");
  expect_problem(compress("abc", "", "Tintype-Owner: _transient\r\n"), 400, "invalid_argument");
  expect_nothing_stays();
}

TEST_F(Compress, JobsAreDoneAndTheirResultsFetched) {
  start();
  const Answer submitted = submit("abc", "?recipe=web-webp&batch=b");
  ASSERT_EQ(submitted.status, 202) << submitted.body;
  const TestJson receipt = TestJson::parse(submitted.body);
  const std::string url = "/v1/jobs/" + receipt["job_id"].get<std::string>();
  EXPECT_EQ(submitted.header("location"), url);
  EXPECT_EQ(get_json(url)["state"], "queued");
  EXPECT_EQ(get_json(url + "/results")["results"].size(), 0u);
  const Answer early = get(url + "/results/2048.webp");
  expect_problem(early, 404, "not_found");
  EXPECT_EQ(TestJson::parse(early.body)["retryable"], true);
  EXPECT_EQ(get_json("/v1/photos")["photos"].size(), 0u);
  EXPECT_EQ(get_json("/v1/jobs?batch=b")["jobs"].size(), 1u);

  start_node();
  EXPECT_TRUE(soon([&] { return get_json(url)["state"] == "done"; }));
  const TestJson results = get_json(receipt["results"]);
  EXPECT_EQ(results["complete"], true);
  ASSERT_EQ(results["results"].size(), 4u);
  EXPECT_EQ(get(results["results"][0]["url"]).body, "2048.webp of abc");
  EXPECT_EQ(get(url + "/explain").status, 200);
  EXPECT_EQ(get(url, "Tintype-Owner: eve\r\n").status, 404);
  EXPECT_EQ(get(url + "/results/2048.webp", "Tintype-Owner: eve\r\n").status, 404);
  EXPECT_EQ(ask({.method = "POST", .target = url + "/cancel", .headers = "Tintype-Owner: eve\r\n"}).status, 404);
}

TEST_F(Compress, ARetriedSubmissionIsOneJob) {
  start();
  const std::string key = "Idempotency-Key: k\r\n";
  const TestJson first = TestJson::parse(submit("abc", "", key).body);
  const Answer again = submit("abc", "", key);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(TestJson::parse(again.body)["job_id"], first["job_id"]);
  EXPECT_NE(TestJson::parse(submit("abc", "", key + "Tintype-Owner: eve\r\n").body)["job_id"], first["job_id"]);
  EXPECT_EQ(upload("abc", "", key)["existed"], false);
}

TEST_F(Compress, ResultsAreSweptWhenTheirTimeIsOver) {
  config.result_ttl = 300ms;
  config.sweep_period = 20ms;
  start();
  start_node();
  const std::string url =
      "/v1/jobs/" + TestJson::parse(submit("abc", "?recipe=web-webp").body)["job_id"].get<std::string>();
  expect_nothing_stays();
  EXPECT_TRUE(soon([&] { return get(url).status == 404; }));
}

TEST_F(Compress, AJobCanBeFollowedAndCancelled) {
  start();
  const std::string id = TestJson::parse(submit("abc").body)["job_id"];
  SocketClient client(port);
  client.send(to_text({.method = "GET", .target = "/v1/events?job=" + id}, port));
  client.receive_until(":\n\n");
  EXPECT_EQ(ask({.method = "POST", .target = "/v1/jobs/" + id + "/cancel"}).status, 202);
  EXPECT_TRUE(client.receive_until("\n\n").contains("job.cancel_requested"));
  expect_problem(get("/v1/events?job=x"), 400, "invalid_argument");
}

}  // namespace
}  // namespace tintype
