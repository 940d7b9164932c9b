// QualityForecast: the score that a photo will have at a quality, from what photos have on average and from what was
// measured of this one at other qualities, sizes and formats. Pure.
//
// A Gaussian process (Rasmussen and Williams, 2006, chapter 2): a photo differs from the average one by a smooth function of
// quality, of which a part is the photo's own, a part its size's, a part its format's. What the parts weigh, and the average
// itself, was fitted to photos (docs/contract.md); its own uncertainty is what makes a near probe count more than a far one.
#pragma once

#include <cstddef>
#include <vector>

namespace tintype {

// Whose numbers a quality is among.
enum class QualityScale { kWebp, kAvif };

struct QualityPlace {
  QualityScale scale = QualityScale::kWebp;
  double long_side_px = 0;
  int quality = 0;
};

class QualityForecast {
 public:
  // What was measured. Qualities of one picture may come again.
  void learn(const QualityPlace& place, double score);
  bool knows_nothing() const { return known_.empty(); }

  double score_at(const QualityPlace& place) const;
  // The quality between `lowest` and `highest` whose score is thought to be nearest to `score`.
  int quality_for(double score, QualityScale scale, double long_side_px, int lowest, int highest) const;

 private:
  struct Known {
    QualityPlace place;
    double surprise = 0;  // over the average photo's score
  };
  void weigh();

  std::vector<Known> known_;
  std::vector<double> weights_;  // of each known one in a forecast
};

}  // namespace tintype
