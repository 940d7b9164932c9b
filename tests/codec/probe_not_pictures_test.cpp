#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/probe.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/pictures.h"

namespace tintype {
namespace {

using namespace std::string_literals;

Error must_refuse(const std::string& bytes) {
  const Result<SourceInfo> info = probe(as_bytes(bytes));
  EXPECT_FALSE(info) << bytes.substr(0, 40);
  return info ? Error{} : info.error();
}

TEST(ProbeNotPictures, NothingIsAnEmptyFile) { EXPECT_EQ(must_refuse("").code, ErrorCode::kEmptyFile); }

TEST(ProbeNotPictures, NamesWhatItLooksLike) {
  const struct {
    std::string bytes;
    const char* named;
  } cases[] = {
      {"%PDF-1.4\n...", "PDF"},
      {"PK\x03\x04....", "ZIP"},
      {"\x1F\x8B\x08\x00", "gzip"},
      {"  <!DOCTYPE html><html>", "HTML"},
      {"\xEF\xBB\xBF<HTML>", "HTML"},
      {"<?xml version=\"1.0\"?><svg/>", "SVG"},
      {"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "SVG"},
      {"push graphic-context\n", "text"},
      {std::string(4096, '\0'), "zeros"},
      {"\x01\x02\x03\x04\x80\x90"s, "unknown"},
      {"\0\0\0\x20"
       "ftypisom...."s,
       "film"},
  };
  for (const auto& c : cases) {
    const Error error = must_refuse(c.bytes);
    EXPECT_EQ(error.code, ErrorCode::kNotAnImage) << c.named;
    EXPECT_NE(error.message.find(c.named), std::string::npos) << error.message;
  }
}

TEST(ProbeNotPictures, KnowsPicturesThatItDoesNotTake) {
  const struct {
    std::string bytes;
    const char* named;
  } cases[] = {
      {"\0\0\0\x18"
       "ftypheic\0\0\0\0mif1"s,
       "HEIC"},
      {"\xFF\x0A\x11\x22\x33\x44\x55\x66\x77\x88\x99\xAA"s, "JPEG XL"},
      {"\0\0\0\x0CJXL \r\n\x87\n...."s, "JPEG XL"},
      {"II*\0\x08\0\0\0........"s, "TIFF"},
      {"BM\x36\x10\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"s, "BMP"},
      {"8BPS\0\x01........"s, "Photoshop"},
      {"II+\0\x08\0\0\0........"s, "TIFF"},
      {"\0\0\0\x18"
       "ftypcrx \0\0\0\x01"s,
       "raw camera"},
      {"IIU\0\x18\0\0\0\x88\xE7\x74\xD8\xF8\x25\x1D\x4D"s, "raw camera"},
      {"IIRO\x08\0\0\0........"s, "raw camera"},
  };
  for (const auto& c : cases) {
    const Error error = must_refuse(c.bytes);
    EXPECT_EQ(error.code, ErrorCode::kUnsupportedImage) << c.named;
    EXPECT_NE(error.message.find(c.named), std::string::npos) << error.message;
    EXPECT_TRUE(looks_like_picture(as_bytes(c.bytes.substr(0, 16)))) << c.named;
  }
}

TEST(ProbeNotPictures, AJpegBehindOtherBytesIsNone) {
  const Bytes jpeg = testing::write_jpeg(testing::make_picture(16, 16));
  const std::string file = "%PDF-1.4\n" + std::string(as_text(jpeg));
  EXPECT_EQ(must_refuse(file).code, ErrorCode::kNotAnImage);
}

TEST(LooksLikePicture, NeedsSixteenBytesOnly) {
  const Bytes jpeg = testing::write_jpeg(testing::make_picture(16, 16));
  EXPECT_TRUE(looks_like_picture(jpeg.view().first(16)));
  EXPECT_TRUE(looks_like_picture(as_bytes("\x89PNG\r\n\x1A\n\0\0\0\rIHDR"s)));
  EXPECT_TRUE(looks_like_picture(as_bytes("RIFF\x10\0\0\0WEBPVP8 "s)));
  EXPECT_TRUE(looks_like_picture(as_bytes("GIF89a..........")));
  EXPECT_TRUE(
      looks_like_picture(as_bytes("\0\0\0\x1C"
                                  "ftypavif\0\0\0\0"s)));
  EXPECT_FALSE(looks_like_picture(as_bytes("RIFF\x10\0\0\0WAVEfmt "s)));
  EXPECT_FALSE(looks_like_picture(as_bytes("BMW is a maker of cars")));
  EXPECT_FALSE(looks_like_picture(as_bytes("hello world 1234")));
  EXPECT_FALSE(looks_like_picture({}));
}

}  // namespace
}  // namespace tintype
