#include "codec/metadata.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "codec/encode.h"
#include "tests/codec/support/decoding.h"
#include "tests/codec/support/environment.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/pictures.h"

namespace tintype {
namespace {

using namespace tintype::testing;

constexpr MetadataPolicy kAll{.colour_profile = true, .date = true, .gps = true, .camera = true};
constexpr MetadataPolicy kNothing{.colour_profile = false, .date = false, .gps = false, .camera = false};

Metadata full_metadata() {
  Metadata metadata;
  metadata.taken_text = "2024:05:17 09:30:00";
  metadata.taken_offset = "+02:00";
  metadata.taken_at_ms = 1'715'931'000'000;  // 2024-05-17T07:30:00Z
  metadata.make = "Maker";
  metadata.model = "Model 5";
  metadata.lens = "35 mm f/2";
  metadata.latitude = -33.8567844;
  metadata.longitude = 151.2152967;
  metadata.exposure = "1/250";
  metadata.aperture = "f/2.8";
  metadata.focal_length = "35 mm";
  metadata.iso = 400;
  return metadata;
}

Metadata read_back(ByteView exif) {
  Metadata metadata;
  std::uint8_t orientation = 0;
  read_exif(exif, metadata, orientation);
  EXPECT_EQ(orientation, 1);
  return metadata;
}

TEST(Metadata, WhatIsWrittenReadsBack) {
  const Metadata written = full_metadata();
  const Metadata read = read_back(build_exif(written, kAll));
  EXPECT_EQ(read.taken_text, written.taken_text);
  EXPECT_EQ(read.taken_offset, written.taken_offset);
  EXPECT_EQ(read.taken_at_ms, written.taken_at_ms);
  EXPECT_EQ(read.make, written.make);
  EXPECT_EQ(read.model, written.model);
  EXPECT_EQ(read.lens, written.lens);
  ASSERT_TRUE(read.latitude && read.longitude);
  EXPECT_NEAR(*read.latitude, *written.latitude, 1e-7);
  EXPECT_NEAR(*read.longitude, *written.longitude, 1e-7);
  EXPECT_EQ(read.exposure, written.exposure);
  EXPECT_EQ(read.aperture, written.aperture);
  EXPECT_EQ(read.focal_length, written.focal_length);
  EXPECT_EQ(read.iso, written.iso);
}

TEST(Metadata, ThePolicyDecidesWhatGoesOn) {
  const Metadata metadata = full_metadata();
  const Metadata by_default = read_back(build_exif(metadata, {}));
  EXPECT_EQ(by_default.taken_text, metadata.taken_text);
  EXPECT_FALSE(by_default.latitude);
  EXPECT_TRUE(by_default.make.empty());
  EXPECT_TRUE(by_default.exposure.empty());
  EXPECT_TRUE(build_exif(metadata, kNothing).empty());
  EXPECT_TRUE(build_exif(Metadata{}, kAll).empty());
  const MetadataPolicy only_gps{.colour_profile = false, .date = false, .gps = true, .camera = false};
  const Metadata position = read_back(build_exif(metadata, only_gps));
  EXPECT_TRUE(position.latitude);
  EXPECT_TRUE(position.taken_text.empty());
}

TEST(Metadata, JsonSaysTheSame) {
  const auto json = nlohmann::json::parse(metadata_json(full_metadata(), kAll));
  EXPECT_EQ(json["taken"], "2024:05:17 09:30:00");
  EXPECT_EQ(json["iso"], 400);
  EXPECT_NEAR(json["latitude"].get<double>(), -33.8567844, 1e-9);
  const auto without_gps = nlohmann::json::parse(metadata_json(full_metadata(), {}));
  EXPECT_FALSE(without_gps.contains("latitude"));
  EXPECT_FALSE(without_gps.contains("make"));
  EXPECT_EQ(metadata_json(full_metadata(), kNothing), "");
}

TEST(Metadata, AnSrgbProfileNeedNotBeEmbedded) {
  Metadata metadata;
  metadata.icc = p3_profile();
  EXPECT_EQ(icc_to_embed(metadata, {}).size(), metadata.icc.size());
  EXPECT_TRUE(icc_to_embed(metadata, kNothing).empty());
  metadata.icc_is_srgb = true;
  EXPECT_TRUE(icc_to_embed(metadata, {}).empty());
}

TEST(Metadata, AnOffsetThatIsMissingOrOddMeansUtc) {
  Metadata metadata = full_metadata();
  for (const char* offset : {"", "+99:99", "hello!"}) {
    metadata.taken_offset = offset;
    const Metadata read = read_back(build_exif(metadata, {}));
    EXPECT_EQ(read.taken_at_ms, 1'715'931'000'000 + 2 * 3'600'000) << offset;
    EXPECT_TRUE(read.taken_offset.empty());
  }
}

TEST(Metadata, ImpossibleDatesAreLeftOut) {
  Metadata metadata = full_metadata();
  for (const char* date : {"0000:00:00 00:00:00", "    :  :     :  :  ", "2024:13:17 09:30:00", "2024-05-17"}) {
    metadata.taken_text = date;
    EXPECT_FALSE(read_back(build_exif(metadata, {})).taken_at_ms) << date;
  }
}

// One with only a text, under `tag` of the first directory.
Bytes exif_with_text(std::uint8_t tag_low, std::uint8_t tag_high, std::string_view text) {
  const std::uint8_t head[] = {
      'I', 'I', 42, 0,  8, 0, 0, 0, 1, 0, tag_low, tag_high, 2, 0, static_cast<std::uint8_t>(text.size() + 1),
      0,   0,   0,  26, 0, 0, 0, 0, 0, 0, 0};
  Bytes exif(std::size(head) + text.size() + 1);
  std::ranges::copy(head, exif.data());
  std::ranges::copy(text, exif.data() + std::size(head));
  exif.data()[exif.size() - 1] = 0;
  return exif;
}

TEST(Metadata, TheFileSDateCountsWhereThereIsNoOther) {
  const Metadata read = read_back(exif_with_text(0x32, 0x01, "2024:05:17 09:30:00"));
  EXPECT_EQ(read.taken_text, "2024:05:17 09:30:00");
  EXPECT_EQ(read.taken_at_ms, 1'715'931'000'000 + 2 * 3'600'000);
}

TEST(Metadata, TheDateOfScanningCountsWhereThereIsNoOther) {
  Bytes exif = build_exif(full_metadata(), kAll);
  const auto rename = [&](std::uint8_t from, std::uint8_t to) {
    const auto entries = exif.mutable_view();
    for (std::size_t at = 0; at + 1 < entries.size(); ++at) {
      if (entries[at] == from && entries[at + 1] == 0x90) return void(entries[at] = to);
      if (entries[at] == 0x90 && entries[at + 1] == from) return void(entries[at + 1] = to);
    }
    ADD_FAILURE() << "there is no such tag";
  };
  rename(0x03, 0x04);
  rename(0x11, 0x12);
  const Metadata read = read_back(exif);
  EXPECT_EQ(read.taken_text, "2024:05:17 09:30:00");
  EXPECT_EQ(read.taken_at_ms, full_metadata().taken_at_ms);
}

TEST(Metadata, DatesOfOtherStandardsAreUnderstood) {
  Metadata metadata = full_metadata();
  for (const char* date : {"2024-05-17 09:30:00", "2024:05:17T09:30:00", "2024-05-17T09:30:00.25"}) {
    metadata.taken_text = date;
    const Metadata read = read_back(build_exif(metadata, {}));
    EXPECT_EQ(read.taken_text, "2024:05:17 09:30:00") << date;
    EXPECT_EQ(read.taken_at_ms, full_metadata().taken_at_ms) << date;
  }
  metadata.taken_offset = "+0200";
  EXPECT_EQ(read_back(build_exif(metadata, {})).taken_at_ms, full_metadata().taken_at_ms);
  metadata.taken_offset = "Z";
  EXPECT_EQ(read_back(build_exif(metadata, {})).taken_at_ms, *full_metadata().taken_at_ms + 2 * 3'600'000);
}

TEST(Metadata, TextIsPrintableAndShort) {
  Metadata metadata = full_metadata();
  metadata.make = "A\x01\xC3\xA9 " + std::string(100, 'x');
  const std::string make = read_back(build_exif(metadata, kAll)).make;
  EXPECT_EQ(make.size(), 64u);
  EXPECT_TRUE(make.starts_with("A??? xx")) << make;
}

TEST(Metadata, CutAndFlippedBlocksDoNoHarm) {
  const Bytes exif = build_exif(full_metadata(), kAll);
  for (std::size_t size = 0; size < exif.size(); ++size) read_back(exif.view().first(size));
  for (std::size_t at = 8; at < exif.size(); ++at) {
    Bytes flipped = Bytes::copy_of(exif);
    flipped.data()[at] ^= 0xFF;
    Metadata metadata;
    std::uint8_t orientation = 0;
    read_exif(flipped, metadata, orientation);
    EXPECT_GE(orientation, 1);
    EXPECT_LE(orientation, 8);
    EXPECT_LE(std::abs(metadata.latitude.value_or(0)), 90);
  }
}

std::string exiftool(const std::string& file) {
  const std::string command =
      "exiftool -s -n -DateTimeOriginal -OffsetTimeOriginal -Make -LensModel -GPSLatitude "
      "-GPSLongitude -ISO -ExposureTime -FNumber -Orientation -Warning -Error " +
      file;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  char piece[256];
  while (pipe && fgets(piece, sizeof piece, pipe.get())) output += piece;
  return output;
}

TEST(Metadata, ExiftoolReadsTheVariants) {
  if (std::system("command -v exiftool >/dev/null 2>&1") != 0) GTEST_SKIP() << "exiftool is not installed";
  const TemporaryFolder folder;
  const Bytes exif = build_exif(full_metadata(), kAll);
  const struct {
    const char* name;
    EncodeOptions options;
  } variants[] = {
      {"/a.webp", {}},
      {"/a.avif", {.format = ImageFormat::kAvif, .encoder = Encoder::kAom, .quality = 60, .effort = 1}},
  };
  for (const auto& variant : variants) {
    const std::string path = folder.path() + variant.name;
    write_file(path, *encode(make_picture(64, 64), variant.options, {}, exif));
    const std::string said = exiftool(path);
    for (const char* part :
         {"2024:05:17 09:30:00", "+02:00", "Maker", "35 mm f/2", "-33.85678", "151.21529", ": 400", ": 0.004", ": 2.8"})
      EXPECT_NE(said.find(part), std::string::npos) << variant.name << " lacks " << part << ":\n" << said;
    EXPECT_EQ(said.find("Orientation"), std::string::npos) << said;
    EXPECT_EQ(said.find("Warning"), std::string::npos) << said;
    EXPECT_EQ(said.find("Error"), std::string::npos) << said;
  }
}

}  // namespace
}  // namespace tintype
