#include "gateway/photos/picture_choice.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

constexpr std::string_view kBrowser = "image/avif,image/webp,image/*,*/*;q=0.8";

Photo photo_with(const std::vector<std::pair<std::string, std::uint32_t>>& variants) {
  Photo photo;
  photo.light.format = ImageFormat::kJpeg;
  photo.light.complete = true;
  for (const auto& [name, width] : variants) {
    Variant variant;
    variant.name = name;
    variant.width = width;
    variant.format = name.ends_with("avif") ? ImageFormat::kAvif : ImageFormat::kWebp;
    photo.heavy.manifest.variants.push_back(variant);
  }
  return photo;
}

Photo ladder() {
  return photo_with(
      {{"2048.avif", 2048}, {"2048.webp", 2048}, {"1024.avif", 1024}, {"1024.webp", 1024}, {"256.webp", 256}});
}

std::string chosen(const Photo& photo, const PictureWish& wish) {
  const PictureChoice choice = choose_picture(photo, wish);
  if (!choice.is_acceptable) return "406";
  return choice.variant ? choice.variant->name : "original";
}

TEST(PictureChoice, TheNarrowestThatIsWideEnough) {
  const Photo photo = ladder();
  EXPECT_EQ(chosen(photo, {kBrowser, 200, ""}), "256.webp");
  EXPECT_EQ(chosen(photo, {kBrowser, 256, ""}), "256.webp");
  EXPECT_EQ(chosen(photo, {kBrowser, 257, ""}), "1024.avif");
  EXPECT_EQ(chosen(photo, {kBrowser, 5000, ""}), "2048.avif");
  EXPECT_EQ(chosen(photo, {kBrowser, 0, ""}), "2048.avif");
}

TEST(PictureChoice, WhatTheClientTakes) {
  const Photo photo = ladder();
  EXPECT_EQ(chosen(photo, {"image/webp", 1000, ""}), "1024.webp");
  EXPECT_EQ(chosen(photo, {"*/*", 1000, ""}), "1024.webp") << "a wildcard does not mean AVIF";
  EXPECT_EQ(chosen(photo, {"", 1000, ""}), "1024.webp");
  EXPECT_EQ(chosen(photo, {"image/webp;q=0.9,image/avif;q=0.5", 1000, ""}), "1024.webp");
  EXPECT_EQ(chosen(photo, {"image/avif", 200, ""}), "1024.avif");
  EXPECT_EQ(chosen(photo, {"image/jpeg", 200, ""}), "original");
  EXPECT_EQ(chosen(photo, {"image/png", 200, ""}), "406");
}

TEST(PictureChoice, ByNameWhateverTheClientSays) {
  const Photo photo = ladder();
  EXPECT_EQ(chosen(photo, {"image/jpeg", 0, "1024.avif"}), "1024.avif");
  EXPECT_TRUE(choose_picture(photo, {"", 0, "1024.avif"}).is_final);
  EXPECT_EQ(chosen(photo, {kBrowser, 0, "300.webp"}), "1024.avif") << "the nearest stands in";
  EXPECT_FALSE(choose_picture(photo, {kBrowser, 0, "300.webp"}).is_final);
}

TEST(PictureChoice, TheOriginalStandsInAndIsNotFinal) {
  Photo photo = photo_with({});
  photo.light.complete = false;
  EXPECT_EQ(chosen(photo, {kBrowser, 256, ""}), "original");
  EXPECT_FALSE(choose_picture(photo, {kBrowser, 256, ""}).is_final);
  photo.light.failed = true;
  EXPECT_TRUE(choose_picture(photo, {kBrowser, 256, ""}).is_final);
}

TEST(PictureChoice, AnOriginalNobodyProbedIsWhatItsUploaderSaidWithinReason) {
  Photo photo = photo_with({});
  photo.light.format.reset();
  EXPECT_EQ(original_type(photo), "application/octet-stream");
  EXPECT_EQ(chosen(photo, {"image/jpeg", 0, ""}), "original");
  photo.heavy.content_type = "image/png";
  EXPECT_EQ(original_type(photo), "image/png");
  for (const char* type : {"text/html", "image/svg+xml", "image/png; x", "IMAGE/PNG"}) {
    photo.heavy.content_type = type;
    EXPECT_EQ(original_type(photo), "application/octet-stream") << type;
  }
}

}  // namespace
}  // namespace tintype
