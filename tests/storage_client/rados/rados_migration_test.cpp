// A farm's embedded store copied to a cluster, and both asked the same; a scrub of what arrived.
#include <gtest/gtest.h>

#include "storage_client/scrub/scrub.h"
#include "tests/storage_client/migration_cases.h"
#include "tests/storage_client/rados/test_cluster.h"

namespace tintype::testing {
namespace {

constexpr UnixMs kNowMs = 1'750'000'000'000;

TEST(RadosMigration, FromTheEmbeddedStoreToACluster) {
  ManualClock clock(kNowMs);
  const TemporaryFolder folder;
  const auto embedded = open_store(small_config(folder.path()), clock);
  const StoreSeams source{embedded->blobs(), embedded->index(), embedded->jobs()};
  fill(source);
  for (std::uint32_t i = 0; i < 60; ++i) {
    upload(source, "anna", photo_id(kNowMs + 100, i), i);
    complete(source, "anna", photo_id(kNowMs + 100, i), i);
  }
  RadosStoreConfig config = test_cluster().config();
  config.split_above_keys = 64;  // an owner's object splits while photos arrive
  const auto cluster = open_store(config, clock);
  const StoreSeams target{cluster->blobs(), cluster->index(), cluster->jobs()};
  Migration migration(MigrationConfig{}, source, target);
  auto round = migration.round({});
  ASSERT_TRUE(round) << round.error().message;
  ASSERT_TRUE(round->problems.empty()) << round->problems.front().error.message;
  EXPECT_EQ(round->count.copied, 66u);
  // The farm goes on.
  ASSERT_TRUE(source.index.remove("anna", photo_id(kNowMs + 100, 7)));
  ASSERT_TRUE(source.blobs.remove_photo("anna", photo_id(kNowMs + 100, 7)));
  complete(source, "anna", photo_id(kNowMs + 100, 8), 80);
  round = migration.round({});
  ASSERT_TRUE(round) << round.error().message;
  EXPECT_EQ(round->count.deleted, 1u);
  EXPECT_EQ(round->count.changed, 1u);
  ASSERT_TRUE(migration.round({})->count.is_in_step());
  EXPECT_EQ(face_of(target), face_of(source));

  ScrubState state;
  Scrub({}, {target.blobs, target.index, clock, [](std::chrono::milliseconds) { return true; },
             [](const ScrubState&) { return Status(); }})
      .run(state);
  EXPECT_EQ(state.end, ScrubEnd::kDone) << state.error.message;
  EXPECT_EQ(state.count.found(), 0u);
  EXPECT_EQ(state.count.photos, 65u);
}

}  // namespace
}  // namespace tintype::testing
