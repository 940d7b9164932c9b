// What the lane and its children say to each other, read back; and read when it was cut or changed on the way.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>

#include "workers/shared_memory.h"
#include "workers/wire/answer_wire.h"
#include "workers/wire/session_wire.h"
#include "workers/wire/task_wire.h"

namespace tintype {
namespace {

PlannedEncode race() {
  PlannedEncode encode{320, 240, ImageFormat::kWebp, 0, 4, Encoder::kLibwebp};
  encode.target = QualityTarget{
      .score = 72.5, .below = 0.5, .above = 1, .lowest_quality = 10, .highest_quality = 90, .max_probes = 4};
  encode.rival = {ImageFormat::kAvif, 3, Encoder::kAom};
  encode.max_bytes = 123'456'789'012;
  return encode;
}

Task sample_task() {
  Task task;
  auto metadata = std::make_shared<EmbeddedMetadata>();
  metadata->icc = Bytes::copy_of(as_bytes("profile"));
  metadata->exif = Bytes::copy_of(as_bytes("exif"));
  task.inputs = {make_host_picture({40, 30, PixelLayout::kRgba8}, UniqueFd())};
  DecodeStep decode{.info = {.format = ImageFormat::kPng,
                             .width = 640,
                             .height = 480,
                             .orientation = 6,
                             .has_alpha = true,
                             .frames = 2,
                             .bytes = 1234},
                    .min_long_side_px = 256,
                    .damaged = DamagedPolicy::kKeep,
                    .metadata = {.colour_profile = false, .gps = true}};
  task.steps = {
      ProbeStep{},
      decode,
      ResizeStep{{PictureRef::From::kStep, 1}, 320, 240, true},
      EncodeStep{{PictureRef::From::kInput, 0}, {40, 30, ImageFormat::kAvif, 60, 4, Encoder::kAom}, metadata},
      EncodeStep{{PictureRef::From::kStep, 2}, {320, 240, ImageFormat::kWebp, 75, 4, Encoder::kLibwebp}, metadata},
      EncodeStep{{PictureRef::From::kStep, 2}, {320, 240, ImageFormat::kWebp, 75, 4, Encoder::kTintype}, nullptr, true},
      EncodeStep{{PictureRef::From::kStep, 2}, race(), nullptr}};
  task.keep_pictures = {2};
  return task;
}

TEST(TaskWire, ReadsWhatWasWritten) {
  ByteWriter out;
  write_steps(sample_task(), out);
  const auto read = read_steps(out.written());
  ASSERT_TRUE(read) << read.error().to_string();
  ASSERT_EQ(read->steps.size(), 7u);
  EXPECT_EQ(std::get<EncodeStep>(read->steps[6]).encode, race());
  EXPECT_TRUE(std::get<ResizeStep>(read->steps[2]).full_chroma);
  EXPECT_FALSE(std::get<DecodeStep>(read->steps[1]).full_chroma);
  EXPECT_TRUE(std::holds_alternative<ProbeStep>(read->steps[0]));
  const auto& decode = std::get<DecodeStep>(read->steps[1]);
  EXPECT_EQ(decode.info.format, ImageFormat::kPng);
  EXPECT_EQ(decode.info.height, 480u);
  EXPECT_EQ(decode.info.orientation, 6);
  EXPECT_TRUE(decode.info.has_alpha);
  EXPECT_EQ(decode.info.frames, 2u);
  EXPECT_EQ(decode.info.bytes, 1234u);
  EXPECT_EQ(decode.min_long_side_px, 256u);
  EXPECT_EQ(decode.damaged, DamagedPolicy::kKeep);
  EXPECT_EQ(decode.metadata, (MetadataPolicy{.colour_profile = false, .gps = true}));
  EXPECT_EQ(std::get<ResizeStep>(read->steps[2]).height, 240u);
  const auto& avif = std::get<EncodeStep>(read->steps[3]);
  EXPECT_EQ(avif.input.from, PictureRef::From::kInput);
  EXPECT_EQ(avif.encode, (PlannedEncode{40, 30, ImageFormat::kAvif, 60, 4, Encoder::kAom}));
  EXPECT_EQ(as_text(avif.metadata->icc), "profile");
  EXPECT_EQ(as_text(avif.metadata->exif), "exif");
  EXPECT_EQ(std::get<EncodeStep>(read->steps[4]).metadata, avif.metadata);
  EXPECT_EQ(std::get<EncodeStep>(read->steps[5]).metadata, nullptr);
  EXPECT_FALSE(std::get<EncodeStep>(read->steps[4]).wants_thumbhash);
  EXPECT_TRUE(std::get<EncodeStep>(read->steps[5]).wants_thumbhash);
  EXPECT_EQ(read->inputs, std::vector<PictureShape>({{40, 30, PixelLayout::kRgba8}}));
  EXPECT_EQ(read->keep_pictures, std::vector<std::uint32_t>({2}));
}

TEST(TaskWire, ReadsTheStepsOfACutDecode) {
  Task task;
  task.inputs = {make_host_picture({400, 300, PixelLayout::kJpegCoefficients}, UniqueFd())};
  task.steps = {
      EntropyDecodeStep{.info = {.format = ImageFormat::kJpeg, .width = 400, .height = 300, .progressive = true},
                        .min_long_side_px = 128,
                        .damaged = DamagedPolicy::kKeep,
                        .metadata = {.camera = true}},
      ReconstructStep{{PictureRef::From::kInput, 0}, 150, 200, 6, true}};
  task.keep_pictures = {0, 1};
  ByteWriter out;
  write_steps(task, out);
  const auto read = read_steps(out.written());
  ASSERT_TRUE(read) << read.error().to_string();
  ASSERT_EQ(read->steps.size(), 2u);
  const auto& entropy = std::get<EntropyDecodeStep>(read->steps[0]);
  EXPECT_EQ(entropy.info.width, 400u);
  EXPECT_TRUE(entropy.info.progressive);
  EXPECT_EQ(entropy.min_long_side_px, 128u);
  EXPECT_EQ(entropy.damaged, DamagedPolicy::kKeep);
  EXPECT_EQ(entropy.metadata, (MetadataPolicy{.camera = true}));
  const auto& reconstruct = std::get<ReconstructStep>(read->steps[1]);
  EXPECT_EQ(reconstruct.input, (PictureRef{PictureRef::From::kInput, 0}));
  EXPECT_EQ(reconstruct.width, 150u);
  EXPECT_EQ(reconstruct.height, 200u);
  EXPECT_EQ(reconstruct.orientation, 6);
  EXPECT_TRUE(reconstruct.full_chroma);
  EXPECT_EQ(read->inputs, std::vector<PictureShape>({{400, 300, PixelLayout::kJpegCoefficients}}));
  for (std::size_t size = 0; size < out.written().size(); ++size)
    EXPECT_FALSE(read_steps(out.written().first(size))) << size;
}

TEST(TaskWire, RefusesWhatWasCut) {
  ByteWriter out;
  write_steps(sample_task(), out);
  for (std::size_t size = 0; size < out.written().size(); ++size) {
    EXPECT_FALSE(read_steps(out.written().first(size))) << size;
  }
}

// As a child tells it: the target is the lane's to know.
ContractResult sample_contract() {
  return {.target = {},
          .end = SearchEnd::kBetweenSteps,
          .score = 73.5,
          .quarters = 3,
          .probes = {{60, 70, 5, 0.5}, {61, 73.5, 8, 0.25, 3}},
          .share = 0.25,
          .seconds = 1.5,
          .encode_seconds = 0.125,
          .rival_bytes = 9};
}

WorkerAnswer sample_answer() {
  WorkerAnswer answer;
  answer.peak_bytes = 99;
  AnsweredStep probe, decode, resize, encode;
  probe.value = SourceInfo{.format = ImageFormat::kGif, .width = 3, .height = 4, .frames = 5};
  DecodeResult decoded;
  decoded.shape = {3, 4, PixelLayout::kRgba8};
  decoded.taken_at_ms = -5;
  decoded.metadata_json = "{}";
  auto embedded = std::make_shared<EmbeddedMetadata>();
  embedded->icc = Bytes::copy_of(as_bytes("icc"));
  decoded.embedded = embedded;
  decoded.warnings = {"one", "two"};
  decode.value = decoded;
  decode.picture = decoded.shape;
  resize.seconds = 0.25;
  encode.value = PlacedFile{.offset = 7,
                            .bytes = 8,
                            .format = ImageFormat::kAvif,
                            .quality = 61,
                            .effort = 3,
                            .contract = sample_contract(),
                            .encoder = "aom",
                            .threads = 2};
  answer.steps = {probe, decode, resize, encode};
  return answer;
}

TEST(AnswerWire, ReadsWhatWasWritten) {
  ByteWriter out;
  write_answer(sample_answer(), out);
  const auto read = read_answer(out.written());
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->peak_bytes, 99u);
  ASSERT_EQ(read->steps.size(), 4u);
  EXPECT_EQ(std::get<SourceInfo>(read->steps[0].value).frames, 5u);
  const auto& decoded = std::get<DecodeResult>(read->steps[1].value);
  EXPECT_EQ(decoded.taken_at_ms, -5);
  EXPECT_EQ(decoded.warnings, std::vector<std::string>({"one", "two"}));
  EXPECT_EQ(as_text(decoded.embedded->icc), "icc");
  EXPECT_EQ(read->steps[1].picture, (PictureShape{3, 4, PixelLayout::kRgba8}));
  EXPECT_EQ(read->steps[2].seconds, 0.25);
  const auto& placed = std::get<PlacedFile>(read->steps[3].value);
  EXPECT_EQ(placed.encoder, "aom");
  EXPECT_EQ(placed.format, ImageFormat::kAvif);
  EXPECT_EQ(placed.quality, 61);
  EXPECT_EQ(placed.effort, 3);
  EXPECT_EQ(placed.contract, sample_contract());
}

TEST(AnswerWire, ReadsAnError) {
  ByteWriter out;
  WorkerAnswer failed;
  failed.error = Error{ErrorCode::kCorruptImage, "no such thing"};
  write_answer(failed, out);
  const auto read = read_answer(out.written());
  ASSERT_TRUE(read && read->error);
  EXPECT_EQ(read->error->code, ErrorCode::kCorruptImage);
  EXPECT_EQ(read->error->message, "no such thing");
}

TEST(AnswerWire, RefusesWhatWasCut) {
  ByteWriter out;
  write_answer(sample_answer(), out);
  for (std::size_t size = 0; size < out.written().size(); ++size) {
    const auto read = read_answer(out.written().first(size));
    ASSERT_FALSE(read) << size;
    EXPECT_EQ(read.error().code, ErrorCode::kWorkerLied);
  }
}

// Any bytes at all are read without harm (the sanitizers look on), and what is read is within bounds.
TEST(AnswerWire, SurvivesAnyChange) {
  ByteWriter out;
  write_answer(sample_answer(), out);
  std::mt19937 random(4711);
  for (int round = 0; round < 20'000; ++round) {
    Bytes changed = Bytes::copy_of(out.written());
    for (unsigned i = 0; i <= random() % 4; ++i)
      changed.data()[random() % changed.size()] = static_cast<std::uint8_t>(random());
    const auto read = read_answer(changed);
    if (!read) continue;
    for (const AnsweredStep& step : read->steps) {
      if (const auto* decoded = std::get_if<DecodeResult>(&step.value)) {
        EXPECT_LE(decoded->warnings.size(), kMaxWarnings);
        EXPECT_LE(decoded->metadata_json.size(), kMaxMetadataJsonBytes);
      }
    }
  }
}

TEST(CleanText, IsPrintableAndShort) {
  EXPECT_EQ(clean_text("plain"), "plain");
  EXPECT_EQ(clean_text("a\nb\x7f\xc3"), "a\\x0ab\\x7f\\xc3");
  EXPECT_LE(clean_text(std::string(10'000, '\n')).size(), kMaxTextBytes);
}

}  // namespace
}  // namespace tintype
