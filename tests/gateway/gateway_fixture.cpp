#include "tests/gateway/gateway_fixture.h"

#include <format>
#include <random>

#include "core/base/digest.h"

namespace tintype {

GatewayTest::GatewayTest()
    : store(make_memory_store(clock)),
      memory_queue(make_memory_queue({}, clock).value()),
      event_log(make_memory_event_log()),
      blobs(store.blobs.get()),
      index(store.index.get()),
      jobs(store.jobs.get()),
      queue(memory_queue.get()),
      events(event_log.get()) {}

GatewayTest::~GatewayTest() { gateway.reset(); }

void GatewayTest::start() {
  auto started = start_gateway(config, {*blobs, *index, *jobs, *queue, *events, clock, metrics, log,
                                        [] { return std::string(R"({"nodes":[]})"); }, blobs_at_hand, index_at_hand});
  ASSERT_TRUE(started) << started.error().message;
  gateway = std::move(*started);
  const std::string url = gateway->url();
  port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

TestJson GatewayTest::get_json(const std::string& target) {
  const Answer answer = get(target);
  EXPECT_EQ(answer.status, 200) << target << ": " << answer.body;
  EXPECT_EQ(answer.header("content-type"), "application/json");
  return TestJson::parse(answer.body, nullptr, false);
}

TestJson GatewayTest::upload(const std::string& bytes, const std::string& query, const std::string& headers) {
  const Answer answer = ask({.method = "POST", .target = "/v1/photos" + query, .headers = headers, .body = bytes});
  EXPECT_EQ(answer.status, 201) << answer.body;
  return TestJson::parse(answer.body, nullptr, false);
}

Photo GatewayTest::stored(const std::string& photo_id, const std::string& owner) {
  return store.index->get(owner, SortableId::parse(photo_id).value()).value();
}

std::vector<std::string> GatewayTest::blob_keys() {
  std::vector<std::string> keys;
  const BlobListing listing = store.blobs->list("", 1000).value();
  for (const auto& [key, info] : listing.blobs) keys.push_back(key.to_string());
  return keys;
}

std::size_t GatewayTest::photos_of(const std::string& owner) {
  ListQuery query;
  query.limit = 1000;
  return store.index->list(owner, query)->rows.size();
}

std::string GatewayTest::blob_text(const std::string& key) {
  const Bytes bytes = read_blob(*store.blobs, BlobKey::parse(key).value(), 1ull << 30).value();
  return std::string(as_text(bytes));
}

void GatewayTest::commit_variants(const std::string& photo_id,
                                  const std::vector<std::pair<std::string, std::string>>& variants) {
  const Photo photo = stored(photo_id);
  Manifest manifest;
  manifest.recipe_name = photo.heavy.job.recipe.name;
  manifest.recipe_version = photo.heavy.job.recipe.version();
  manifest.source = {.format = ImageFormat::kJpeg, .width = 4000, .height = 3000, .bytes = photo.light.bytes};
  manifest.job = photo.heavy.job.id;
  manifest.warnings = {"a warning"};
  std::vector<BlobPut> puts;
  for (const auto& [name, bytes] : variants) {
    const BlobKey key{"local", photo.light.photo, 0, name + "-1"};
    puts.push_back({key, as_bytes(bytes)});
    Variant variant;
    variant.name = name;
    variant.blob_key = key.to_string();
    variant.width = 1024;
    variant.height = 768;
    variant.bytes = bytes.size();
    variant.format = name.ends_with("avif") ? ImageFormat::kAvif : ImageFormat::kWebp;
    variant.sha256 = to_hex(sha256(as_bytes(bytes)));
    variant.encoder = "test";
    manifest.variants.push_back(variant);
  }
  ASSERT_TRUE(blobs->put_all(puts));
  LightUpdate update;
  update.taken_at_ms = 1'000'000'000'000;
  update.width = 4000;
  update.height = 3000;
  update.format = ImageFormat::kJpeg;
  update.complete = true;
  ASSERT_TRUE(index->commit_manifest("local", photo.light.photo, manifest, update));
}

std::vector<std::unique_ptr<Delivery>> GatewayTest::take_jobs(JobClass job_class) {
  return memory_queue->fetch(job_class, 1000, std::chrono::milliseconds(0)).value();
}

std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

void expect_problem(const Answer& answer, int status, std::string_view code) {
  EXPECT_EQ(answer.status, status) << answer.body;
  EXPECT_EQ(answer.header("content-type"), "application/problem+json");
  const TestJson problem = TestJson::parse(answer.body, nullptr, false);
  ASSERT_TRUE(problem.is_object()) << answer.body;
  EXPECT_EQ(problem.value("type", ""), "about:blank");
  EXPECT_EQ(problem.value("status", 0), status);
  EXPECT_EQ(problem.value("code", ""), code);
  EXPECT_NE(problem.value("title", ""), "");
  EXPECT_NE(problem.value("detail", ""), "");
  EXPECT_TRUE(problem["retryable"].is_boolean());
}

}  // namespace tintype
