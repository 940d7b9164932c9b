// What tokens a picture will have, told before any is made. Where all of it is as rough as noise, beside the
// quantiser's step, coefficients are spread normally. The format's own probabilities expect small levels: costs made of
// them ask too much of every large one, and modes are bought that save less than they cost.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/vp8/probabilities.h"
#include "kernels/vp8/segments.h"

namespace tintype::vp8 {

// Standard deviation of luma in a macroblock of this activity (segments.h), in 1/16.
int spread_of(int activity);

// Of blocks whose coefficients are spread normally about 0, with a standard deviation of so many steps, in 1/16; at
// least 16.
Probabilities normal_probabilities(int spread_16);

// The probabilities to decide with: the format's unless the picture is like noise. `activity` has that of each
// macroblock.
Probabilities expected_probabilities(const Segments& segments, std::span<const std::uint8_t> activity);

}  // namespace tintype::vp8
