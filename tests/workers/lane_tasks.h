// Tasks for tests of lanes: a photo made up from a formula, ladders over it, and waiting for results.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/image.h"
#include "core/base/bytes.h"
#include "workers/lane.h"
#include "workers/task.h"

namespace tintype::testing {

// A smooth picture with some texture.
Image make_picture(std::uint32_t width, std::uint32_t height, std::uint32_t channels = 3);

// make_picture() as a WebP file, with `trailer` after its end (decoders do not look there).
Bytes make_webp_photo(std::uint32_t width, std::uint32_t height, std::string_view trailer = {});

std::shared_ptr<const SourceBuffer> in_shared_memory(ByteView bytes);

// What probe() says of `file`, which must be a picture.
SourceInfo header_of(ByteView file);

PlannedEncode planned(std::uint32_t width, std::uint32_t height, ImageFormat format);

// Decode, then for each of `widths` (falling) a resize from the picture before it, and a WebP and an AVIF of it.
// The photo's owner is "alice".
Task ladder_task(ByteView file, const std::vector<std::uint32_t>& widths, JobId job = {1});

// Decode and one small WebP: quick.
Task quick_task(ByteView file, JobId job = {1}, std::string owner = "alice");

Result<TaskResult> run_and_wait(Lane& lane, Task task);

const EncodedFile& file_of(const TaskResult& result, std::size_t step);
std::string text_of(const Bytes& bytes);  // to compare and print

}  // namespace tintype::testing
