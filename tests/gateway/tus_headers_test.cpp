#include "gateway/tus/tus_headers.h"

#include <gtest/gtest.h>

#include <format>

#include "gateway/base64.h"
#include "gateway/tus/tus_upload.h"

namespace tintype {
namespace {

TEST(Base64, ReadsWhatItWroteAndNothingElse) {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(decode_base64(encode_base64(as_bytes(text))).value(), text);
  }
  EXPECT_EQ(encode_base64(as_bytes("fooba")), "Zm9vYmE=");
  for (const char* wrong : {"A", "AA", "AAA", "A===", "====", "AB==", "AAF=", "A A=", "AA=A", "Zm9v\n", "-_-_"}) {
    EXPECT_FALSE(decode_base64(wrong)) << wrong;
  }
}

TEST(TusHeaders, Numbers) {
  EXPECT_EQ(parse_tus_number("Upload-Offset", "0").value(), 0u);
  EXPECT_EQ(parse_tus_number("Upload-Offset", "18446744073709551615").value(), UINT64_MAX);
  for (const char* wrong : {"", "-1", "+1", "1 ", " 1", "0x1", "18446744073709551616", "1.0"}) {
    EXPECT_FALSE(parse_tus_number("Upload-Offset", wrong)) << wrong;
  }
}

TEST(TusHeaders, Metadata) {
  const auto metadata = parse_tus_metadata("filename d29ybGQuanBn,is_confidential, empty ");
  ASSERT_TRUE(metadata);
  const TusMetadata expected = {{"filename", "world.jpg"}, {"is_confidential", ""}, {"empty", ""}};
  EXPECT_EQ(*metadata, expected);
  EXPECT_TRUE(parse_tus_metadata("")->empty());
  for (const char* wrong : {"filename ???", "a YQ==,a YQ==", ",a", "a YQ== YQ==", "a\tYQ=="}) {
    EXPECT_FALSE(parse_tus_metadata(wrong)) << wrong;
  }
  std::string many;
  for (int i = 0; i < 33; ++i) many += std::format("n{} YQ==,", i);
  EXPECT_FALSE(parse_tus_metadata(many));
}

TEST(TusHeaders, Checksums) {
  EXPECT_EQ(parse_tus_checksum("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")->digest.size(), 20u);
  EXPECT_EQ(parse_tus_checksum("sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=")->kind, TusChecksumKind::kSha256);
  for (const char* wrong :
       {"", "sha1", "sha1 AAAA", "md5 Kq5sNclPz7QV2+lfQIuc6Q==", "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="}) {
    EXPECT_FALSE(parse_tus_checksum(wrong)) << wrong;
  }
}

TEST(TusNote, ReadsWhatItWrote) {
  TusUpload upload{.owner = "anna",
                   .length = 1ull << 40,
                   .offset = 7,
                   .expires_at_ms = 1'700'000'000'000,
                   .file_name = "ä \"x\".jpg",
                   .content_type = "image/jpeg",
                   .idempotency_key = "tus 1",
                   .sha256 = "x",
                   .recipe = "web",
                   .job_class = JobClass::kBulk,
                   .batch = "b",
                   .trace_id = "t"};
  EXPECT_EQ(parse_note(to_note(upload)).value(), upload);
  upload.photo = SortableId{99};
  EXPECT_EQ(parse_note(to_note(upload)).value(), upload);
  for (const char* wrong : {"", "{}", "[]", "null", "{\"owner\":1}"}) EXPECT_FALSE(parse_note(wrong)) << wrong;
}

}  // namespace
}  // namespace tintype
