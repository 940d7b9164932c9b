// SpentCoefficients: gives a progressive JPEG's coefficients back to the system as they become rows.
//
// libjpeg holds all of them, two bytes each, until the picture is finished, which at 13 megapixels of 4:2:2 is 54 MB; yet once
// every scan is read it goes through each component from top to bottom, once. Told of every place that it reads from, this
// lets go of the whole pages before it. Owns nothing and never throws: it is called from within libjpeg.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tintype {

class SpentCoefficients {
 public:
  static constexpr std::size_t kMostArrays = 10;  // libjpeg's MAX_COMPONENTS

  // Of `array`, which is one piece of memory, whatever lies before `begins` will not be read again.
  void reads_from(const void* array, const void* begins);

 private:
  struct Progress {
    const void* array = nullptr;
    std::uintptr_t kept_from = 0;
  };
  Progress progress_[kMostArrays];
};

}  // namespace tintype
