#include "tests/storage_client/migration_cases.h"

#include <gtest/gtest.h>

#include <format>
#include <map>
#include <set>

namespace tintype::testing {
namespace {

constexpr UnixMs kNowMs = 1'750'000'000'000;

std::size_t size_of(std::uint32_t seed) { return seed % 10 == 5 ? 1'100'000 : seed % 5 == 1 ? 150'000 : 2'000 + seed; }

void put(StoreSeams store, const std::string& key, ByteView bytes) {
  const auto written = write_blob(store.blobs, BlobKey::parse(key).value(), bytes);
  ASSERT_TRUE(written) << written.error().to_string();
}

}  // namespace

Photo upload(StoreSeams store, const std::string& owner, PhotoId photo, std::uint32_t seed,
             const std::string& idempotency_key) {
  const Bytes bytes = pattern(size_of(seed), seed);
  Photo made = sample_photo(owner, photo, idempotency_key);
  made.heavy.sha256 = to_hex(sha256(bytes));
  made.light.bytes = bytes.size();
  put(store, made.heavy.original_key, bytes);
  const auto created = store.index.create(owner, made);
  EXPECT_TRUE(created) << created.error().to_string();
  EXPECT_TRUE(store.jobs.put(sample_record(made.heavy.job.id, owner)));
  return made;
}

void complete(StoreSeams store, const std::string& owner, PhotoId photo, std::uint32_t seed, bool is_complete) {
  const Photo before = store.index.get(owner, photo).value();
  Manifest manifest = sample_manifest(before.light.revision, 0);
  for (const char* name : {"1024.webp", "512.webp"}) {
    const Bytes bytes = pattern(3000 + seed, seed + manifest.revision * 100 + (name[0] == '1' ? 1 : 0));
    Variant variant = sample_manifest(0, 1).variants.front();
    variant.name = name;
    variant.bytes = bytes.size();
    variant.sha256 = to_hex(sha256(bytes));
    variant.blob_key = BlobKey{owner, photo, 0, std::format("{}-{}", name, manifest.revision)}.to_string();
    put(store, variant.blob_key, bytes);
    manifest.variants.push_back(std::move(variant));
  }
  LightUpdate update;
  update.complete = is_complete;
  update.width = 4000;
  update.height = 3000;
  update.format = ImageFormat::kJpeg;
  update.taken_at_ms = photo.time_ms() - 40ll * 86'400'000 * (seed % 4);
  update.thumbhash = std::string("\x01\x00\xffhash", 7);
  const Status committed = store.index.commit_manifest(owner, photo, manifest, update);
  ASSERT_TRUE(committed) << committed.error().to_string();
  // As a job does whose predecessor's variants it has replaced.
  for (const Variant& old : before.heavy.manifest.variants) {
    ASSERT_TRUE(store.blobs.remove(BlobKey::parse(old.blob_key).value()));
  }
}

void fill(StoreSeams store) {
  for (std::uint32_t i = 0; i < 6; ++i) {
    const std::string owner = i % 3 == 2 ? "bert" : "anna";
    upload(store, owner, photo_id(kNowMs + i, i), i, i % 2 == 0 ? std::format("key {}", i) : "");
    if (i >= 2) complete(store, owner, photo_id(kNowMs + i, i), i);
  }
  // A second job: done; under way; given up without a commit.
  const auto again = [&](std::uint32_t i) {
    const std::string owner = i % 3 == 2 ? "bert" : "anna";
    ASSERT_TRUE(store.index.set_job(owner, photo_id(kNowMs + i, i), sample_job(owner, photo_id(kNowMs + i, i), 7)));
  };
  again(2);
  complete(store, "bert", photo_id(kNowMs + 2, 2), 12);
  again(3);
  again(4);
  ASSERT_TRUE(store.index.set_failed("anna", photo_id(kNowMs + 4, 4)));
  ASSERT_TRUE(store.index.set_failed("anna", photo_id(kNowMs + 1, 1)));
  upload(store, "anna", photo_id(kNowMs + 9, 9), 9);
  ASSERT_TRUE(store.index.remove("anna", photo_id(kNowMs + 9, 9)));
  ASSERT_TRUE(store.blobs.remove_photo("anna", photo_id(kNowMs + 9, 9)));
}

std::string face_of(StoreSeams store, const std::vector<std::string>& owners) {
  std::string face;
  std::set<std::string> named;
  for (const std::string& owner : owners) {
    for (const ListOrder by : {ListOrder::kUploaded, ListOrder::kTaken}) {
      OwnerRows rows(store.index, owner, by);
      for (const LightRow* row = *rows.peek(); row; rows.next(), row = *rows.peek()) {
        const Photo photo = store.index.get(owner, row->photo).value();
        face += std::format("{} revision {} {}\n", owner, row->revision, describe(photo));
        EXPECT_EQ(photo.light, *row);
        for (const NamedBlob& blob : blobs_of(photo)) named.insert(blob.key);
      }
      const std::vector<MonthCount> months = store.index.months(owner, by).value();
      for (const auto& [month, photos] : months) face += std::format("{} month {}: {}\n", owner, month, photos);
    }
    for (int i = 0; i < 10; ++i) {
      const auto holder = store.index.find_idempotent(owner, std::format("key {}", i)).value();
      if (holder) face += std::format("{} key {}: {}\n", owner, i, holder->to_string());
    }
  }
  std::set<std::string> marks;
  const RefPage incomplete = store.index.incomplete("", 1000).value();
  for (const PhotoRef& ref : incomplete.refs) marks.insert(ref.owner + ref.photo.to_string());
  for (const std::string& mark : marks) face += "incomplete " + mark + "\n";
  for (const std::string& key : named) {
    const auto digest = digest_of(store.blobs, BlobKey::parse(key).value());
    face += std::format("blob {}: {}\n", key, digest ? digest->sha256 : digest.error().to_string());
  }
  std::set<std::string> listed;
  const BlobListing listing = store.blobs.list("", 1000).value();
  for (const auto& [key, info] : listing.blobs) listed.insert(key.to_string());
  EXPECT_EQ(listed, named) << "blobs that no photo names, or names that have no blob";
  JobQuery query;
  query.limit = 1000;
  const JobPage page = store.jobs.list(query).value();
  for (const JobRecord& record : page.records) face += to_json(record) + "\n";
  return face;
}

}  // namespace tintype::testing
