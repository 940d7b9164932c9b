// The forecast's numbers from curves.
#pragma once

#include <span>
#include <string>

#include "bench/contract_fit/curves.h"

namespace tintype::bench {

// The average by least squares with less weight on what is far from it, knot by knot; the spread by the likelihood of
// what is left of the curves (Rasmussen and Williams, 2006, chapter 5), climbed by Nelder and Mead's simplex. At least
// two photos.
ForecastFit fit_forecast(std::span<const PhotoCurves> photos);

// core/quality/fitted_forecast.cpp.
std::string source_text(const ForecastFit& fit);

}  // namespace tintype::bench
