// Tasks for tests of device lanes: on coefficients of made-up photos.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workers/device/made_up_photo.h"
#include "workers/task.h"

namespace tintype::testing {

// A sealed picture of coefficients.
PictureHandle coefficients_of(const MadeUpPhoto& photo);

// Reconstruct, then for each of `widths` a resize and a WebP at two qualities of it. The photo's owner is "alice".
Task device_ladder_task(PictureHandle coefficients, const std::vector<std::uint32_t>& widths, JobId job = {1});

// 160 x 120 to one WebP of 32 pixels.
Task quick_device_task(JobId job = {1});
// The same, which makes the fake engine misbehave.
Task ill_device_task(std::string_view what, JobId job = {1});

std::string bytes_of_picture(const Picture& picture);

// What both answered: every file, thumbhash and kept picture, byte for byte. Fails the test otherwise.
void expect_equal_results(const TaskResult& a, const TaskResult& b);

}  // namespace tintype::testing
