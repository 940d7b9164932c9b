// A farm's care over its API: migrating from it while it serves, scrubbing, its status; and how commands show them.
#include <gmock/gmock.h>

#include "cli/commands/scrub_command.h"
#include "cli/commands/status_command.h"
#include "cli/exit_codes.h"
#include "cli/migrate/migration_view.h"
#include "cli/migrate/remote_store.h"
#include "storage_client/memory/memory_documents.h"
#include "storage_client/scrub/scrubber.h"
#include "tests/gateway/gateway_fixture.h"
#include "tests/storage_client/migration_cases.h"

namespace tintype {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CareTest : public GatewayTest {
 protected:
  CareTest() { testing::fill(seams()); }
  StoreSeams seams() { return {*store.blobs, *store.index, *store.jobs}; }

  void start() {
    GatewayServices services{
        *blobs, *index, *jobs, *queue, *events, clock, metrics, log, [] {
          return std::string(R"({"nodes":[{"node":"n1","lanes":[{"name":"cpu","slots":2,"state":"ready"}]}]})");
        }};
    services.scrubber = &scrubber;
    gateway = start_gateway(config, services).value();
    port = static_cast<std::uint16_t>(std::stoi(gateway->url().substr(gateway->url().rfind(':') + 1)));
  }
  Json json(const std::string& target) { return Json::parse(get(target).body, nullptr, false); }

  std::unique_ptr<Documents> documents = make_memory_documents();
  Scrubber scrubber{"here", {}, {*store.blobs, *store.index, *documents, clock, log}};
};

TEST_F(CareTest, AFarmIsMigratedOverItsApi) {
  start();
  const auto remote = open_remote_store(gateway->url());
  ASSERT_TRUE(remote) << remote.error().message;
  const MemoryStore target = make_memory_store(clock);
  const StoreSeams to{*target.blobs, *target.index, *target.jobs};
  Migration migration(MigrationConfig{}, {(*remote)->blobs(), (*remote)->index(), (*remote)->jobs()}, to);
  auto round = migration.round({});
  ASSERT_TRUE(round) << round.error().message;
  EXPECT_EQ(round->count.copied, 6u);
  // The farm goes on.
  ASSERT_TRUE(store.index->remove("bert", testing::photo_id(1'750'000'000'005, 5)));
  ASSERT_TRUE(store.blobs->remove_photo("bert", testing::photo_id(1'750'000'000'005, 5)));
  round = migration.round({});
  ASSERT_TRUE(round) << round.error().message;
  EXPECT_EQ(round->count.deleted, 1u);
  ASSERT_TRUE(migration.round({})->count.is_in_step());
  EXPECT_EQ(testing::face_of(to), testing::face_of(seams()));
  EXPECT_EQ((*remote)->index().remove("anna", PhotoId{1}).error().code, ErrorCode::kUnsupported) << "only read";
}

TEST_F(CareTest, WhatIsNoFarmIsSaid) {
  start();
  EXPECT_EQ(open_remote_store("http://127.0.0.1:1").error_or({}).code, ErrorCode::kUnavailable);
}

TEST_F(CareTest, AScrubIsStartedToldOfAndShown) {
  start();
  expect_problem(get("/v1/scrub"), 404, "not_found");
  expect_problem(ask({.method = "POST", .target = "/v1/scrub?repair=perhaps"}), 400, "invalid_argument");
  const Photo photo = *store.index->get("bert", testing::photo_id(1'750'000'000'005, 5));
  ASSERT_TRUE(store.blobs->remove(BlobKey::parse(photo.heavy.original_key).value()));
  ASSERT_EQ(ask({.method = "POST", .target = "/v1/scrub?rate_mb=0"}).status, 202);
  ASSERT_TRUE(soon([&] { return json("/v1/scrub").value("state", "") == "done"; }));
  const Json scrub = json("/v1/scrub");
  EXPECT_EQ(scrub_exit_code(scrub), kExitSomeFailed);
  EXPECT_THAT(scrub_table(scrub), AllOf(HasSubstr("missing_original"), HasSubstr(photo.light.photo.to_string())));
  EXPECT_THAT(scrub_line(scrub, 1), HasSubstr("6 photos"));
  EXPECT_EQ(ask({.method = "DELETE", .target = "/v1/scrub"}).status, 204);
  const Json status = json("/v1/status");
  EXPECT_THAT(status_text(status), AllOf(HasSubstr("Store  ok"), HasSubstr("n1"), HasSubstr("1 NOT MENDED")));
  EXPECT_EQ(status_exit_code(status), kExitSomeFailed);
}

TEST_F(CareTest, TheStatusOfAFarmThatIsWell) {
  start();
  const Json status = json("/v1/status");
  EXPECT_EQ(status_exit_code(status), kExitOk) << status.dump();
  EXPECT_THAT(status_text(status), AllOf(HasSubstr("Queue  ok"), HasSubstr("interactive"), HasSubstr("Scrub  never")));
}

TEST(StatusText, SaysWhatIsDown) {
  const Json status = Json::parse(
      R"({"at":"2026-11-22T10:00:00.000Z","store":{"ok":true,"takes_uploads":false,"detail":"full","free_bytes":1},
    "queue":{"ok":false,"detail":"away","classes":[],"dead":2},"nodes":[],
    "scrub":{"state":"done","ended_at":"2026-11-22T08:00:00.000Z","bytes":1000,"bytes_to_see":1000,"found":2,"repaired":2}})");
  EXPECT_THAT(status_text(status), AllOf(HasSubstr("READ ONLY"), HasSubstr("full"), HasSubstr("Queue  DOWN: away"),
                                         HasSubstr("NONE"), HasSubstr("2 h 00 min ago"), HasSubstr("all mended")));
  EXPECT_EQ(status_exit_code(status), kExitSomeFailed);
}

TEST(MigrationView, SaysHowFarItIsAndWhatStayedBehind) {
  Migration::Progress progress;
  EXPECT_EQ(migration_line(progress, 1, 0), "round 1: listing");
  progress.photos_to_see = 1000;
  progress.count.copied = 200;
  progress.count.same = 50;
  progress.count.bytes_written = 400'000'000;
  EXPECT_THAT(migration_line(progress, 2, 10),
              AllOf(HasSubstr("round 2: 250 of 1,000 photos"), HasSubstr("40.0 MB/s"), HasSubstr("30 s left")));
  MigrationSummary summary;
  MigrationRound round;
  round.count.copied = 3;
  round.count.failed = 1;
  round.problems.push_back({"anna", testing::photo_id(5), {ErrorCode::kCorruptData, "rotten"}});
  add_round(summary, round);
  add_round(summary, round);
  EXPECT_EQ(summary.total.copied, 6u);
  EXPECT_EQ(summary.total.failed, 1u) << "of the last round: it is tried again";
  EXPECT_THAT(migration_table(summary), AllOf(HasSubstr("rotten"), HasSubstr("2 rounds")));
  EXPECT_EQ(migration_json(summary)["problems"].size(), 1u);
  summary.is_dry_run = true;
  EXPECT_THAT(migration_table(summary), AllOf(HasSubstr("to be copied"), Not(HasSubstr("Blobs written"))));
}

}  // namespace
}  // namespace tintype
