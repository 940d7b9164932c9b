#include "bench/page/library.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <format>
#include <thread>
#include <vector>

namespace tintype::bench {
namespace {

constexpr int kWriters = 64;  // share each flush of the disk
constexpr UnixMs kFirstMs = 1'400'000'000'000;
constexpr UnixMs kApartMs = 3'600'000;

BlobKey thumbnail_key(PhotoId id) { return {kOwner, id, 0, "256.webp-1"}; }

void put_thumbnails(BlobStore& blobs) {
  std::mt19937 random(1);
  std::string noise(1 << 20, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  constexpr int kTogether = 500;
  for (int first = 0; first < kPhotos; first += kTogether) {
    std::vector<BlobPut> puts;
    for (int i = first; i < first + kTogether; ++i) {
      const std::size_t size = 3000 + random() % 5000;
      puts.push_back({thumbnail_key(photo_number(i).light.photo),
                      as_bytes(std::string_view(noise).substr(random() % 900'000, size))});
    }
    must(blobs.put_all(puts));
  }
}

}  // namespace

Photo photo_number(int number) {
  Photo photo;
  const PhotoId id{PhotoId::first_at(kFirstMs + number * kApartMs).value + static_cast<std::uint64_t>(number)};
  photo.light.photo = id;
  photo.light.taken_at_ms = id.time_ms();
  photo.light.bytes = 3'000'000;
  photo.heavy.sha256 = std::string(64, '0');
  photo.heavy.file_name = std::format("IMG_{:05}.jpg", number);
  photo.heavy.original_key = BlobKey{kOwner, id, 0, "original"}.to_string();
  photo.heavy.job.id = {id.value + 1};
  photo.heavy.job.owner = kOwner;
  photo.heavy.job.photo = id;
  photo.heavy.job.recipe = builtin_recipes().front();
  return photo;
}

Manifest manifest_of(const Photo& photo) {
  Manifest manifest;
  manifest.recipe_name = photo.heavy.job.recipe.name;
  manifest.recipe_version = photo.heavy.job.recipe.version();
  for (const Rung& rung : photo.heavy.job.recipe.rungs) {
    Variant variant;
    variant.name = rung.name();
    variant.blob_key = thumbnail_key(photo.light.photo).to_string();
    variant.width = 256;
    variant.height = 192;
    variant.bytes = 5000;
    variant.format = rung.format;
    variant.sha256 = std::string(64, 'a');
    variant.encoder = "bench";
    manifest.variants.push_back(variant);
  }
  return manifest;
}

LightUpdate done() {
  LightUpdate update;
  update.width = 4000;
  update.height = 3000;
  update.format = ImageFormat::kJpeg;
  update.complete = true;
  update.thumbhash = std::string(24, 't');
  return update;
}

void fill(EmbeddedStore& store) {
  put_thumbnails(store.blobs());
  std::atomic<int> next = 0;
  std::vector<std::jthread> writers;
  for (int t = 0; t < kWriters; ++t) {
    writers.emplace_back([&] {
      for (int i = next++; i < kPhotos; i = next++) {
        const Photo photo = photo_number(i);
        must(store.index().create(kOwner, photo));
        must(store.index().commit_manifest(kOwner, photo.light.photo, manifest_of(photo), done()));
      }
    });
  }
}

ListQuery random_range(std::mt19937& random) {
  ListQuery query;
  const int first = static_cast<int>(random() % (kPhotos - 2000));
  query.from_ms = kFirstMs + first * kApartMs;
  query.to_ms = *query.from_ms + static_cast<UnixMs>(200 + random() % 1800) * kApartMs;
  return query;
}

}  // namespace tintype::bench
