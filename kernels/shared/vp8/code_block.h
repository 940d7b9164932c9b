/* From 16 coefficients to the levels that are coded: each is rounded down or up, and the block ended, so that
   distortion plus bits is least. Both count in one unit, kVp8Unit to the bit: the tables of the frame hold the
   distortion's exchange rate. */
#ifndef TINTYPE_SHARED_VP8_CODE_BLOCK_H_
#define TINTYPE_SHARED_VP8_CODE_BLOCK_H_

#include "kernels/shared/vp8/tables.h"

/* Costs of blocks and modes are in 1/64 bit; the bytes of Vp8Costs in 1/16 bit. */
enum { kVp8Unit = 64, kVp8CostShift = 2, kVp8MostCost = 32767 };

/* How dear modes are counted, 2^thrift times what they cost, when a row has this much left for modes. With kVp8Plenty
   nothing is saved: what 16 dear modes cost. */
enum { kVp8Thrifts = 4, kVp8Plenty = 128 * 64 };
VP8_INLINE int vp8_thrift(int credit) {
  int thrift = 0;
  while (thrift + 1 < kVp8Thrifts && credit < kVp8Plenty >> thrift) ++thrift;
  return thrift;
}

/* Whether to go on with sub-blocks when those up to `block` cost `cost` and whole luma `whole_cost`: not when they are
   over their share of it by `patience` sixteenths of a sub-block's share. Below zero they have to be ahead. */
enum { kVp8Endless = 256 };
VP8_INLINE int vp8_keeps_up(int cost, int whole_cost, int block, int patience) {
  return 256 * cost < whole_cost * vp8_min(16 * (block + 1) + patience, 256);
}

/* The quantiser of one kind of block in one segment, by place in the scan. */
typedef struct {
  uint16_t step[16];
  uint16_t reciprocal[16]; /* 65536 / step, rounded up */
  uint16_t bias[16];       /* added to a magnitude before the division */
  uint16_t weight[16];     /* distortion of an error e: (min(e, limit) * weight)^2 >> 16 */
  uint16_t limit[16];      /* so that limit * weight <= 46340 */
} Vp8Quantiser;

/* What tokens of one kind of block cost, by place in the scan. Tables of 16 so that one vector shuffle looks them up.
 */
typedef struct {
  uint8_t token[16]
               [16];   /* [place][5 * context + min(level, 4)], with sign, and with "no end here" where that is coded */
  uint8_t end[16][16]; /* [place][min(level there, 2)]: that the block ends behind it */
  uint8_t empty[16];   /* [context]: that nothing is coded */
  uint8_t large_low[16];  /* [min(level, 15)], to be added */
  uint8_t large_high[16]; /* [min(level / 16, 15)], to be added */
} Vp8Costs;

VP8_INLINE int vp8_distortion(VP8_GLOBAL const Vp8Quantiser* quantiser, int place, int error) {
  const uint32_t scaled = (uint32_t)vp8_min(error, quantiser->limit[place]) * quantiser->weight[place];
  return (int)((scaled * scaled) >> 16);
}

VP8_INLINE int vp8_token_cost(VP8_GLOBAL const Vp8Costs* costs, int place, int context, int level) {
  const int cost = costs->token[place][5 * context + vp8_min(level, 4)] + costs->large_low[vp8_min(level, 15)] +
                   costs->large_high[vp8_min(level >> 4, 15)];
  return cost << kVp8CostShift;
}

VP8_INLINE int vp8_nearest_level(VP8_GLOBAL const Vp8Quantiser* quantiser, int place, int magnitude) {
  return (int)(((uint32_t)(magnitude + quantiser->bias[place]) * quantiser->reciprocal[place]) >> 16);
}

VP8_INLINE int vp8_add_cost(int a, int b) { return vp8_min(a + b, kVp8MostCost); }

/* One way to code a block up to some place. */
typedef struct {
  int cost;
  int context; /* of the place behind it */
} Vp8Path;

/* Two candidates a place: the nearest level, and one less. Paths are extended place by place, each candidate keeping
   the cheaper of the two ways to it (Viterbi). `depth` 1 leaves out the second candidate. Levels go out in the order of
   the scan, with their signs; returns the cost. */
VP8_INLINE int vp8_code_block(const int16_t* coefficients, int first, int context, int depth,
                              VP8_GLOBAL const Vp8Quantiser* quantiser, VP8_GLOBAL const Vp8Costs* costs,
                              int16_t* levels) {
  int16_t candidate[2][16];
  uint8_t from[2][16];
  int rest[17]; /* distortion if nothing is coded from a place on */
  int best, best_place = -1, best_candidate = 0;
  Vp8Path path[2];

  rest[16] = 0;
  for (int place = 15; place >= first; --place) {
    rest[place] =
        vp8_add_cost(rest[place + 1], vp8_distortion(quantiser, place, vp8_abs(coefficients[kVp8Scan[place]])));
  }
  best = vp8_add_cost(rest[first], costs->empty[context] << kVp8CostShift);
  path[0].cost = path[1].cost = 0;
  path[0].context = path[1].context = context;

  for (int place = first; place < 16; ++place) {
    const int magnitude = vp8_abs(coefficients[kVp8Scan[place]]);
    Vp8Path next[2];
    for (int c = 0; c < 2; ++c) {
      const int level = vp8_max(vp8_nearest_level(quantiser, place, magnitude) - (depth == 1 ? 0 : c), 0);
      const int distortion = vp8_distortion(quantiser, place, vp8_abs(magnitude - level * quantiser->step[place]));
      const int cost0 = vp8_add_cost(path[0].cost, vp8_token_cost(costs, place, path[0].context, level));
      const int cost1 = vp8_add_cost(path[1].cost, vp8_token_cost(costs, place, path[1].context, level));
      candidate[c][place] = (int16_t)level;
      from[c][place] = cost1 < cost0;
      next[c].cost = vp8_add_cost(vp8_min(cost0, cost1), distortion);
      next[c].context = vp8_min(level, 2);
      if (level > 0) {
        const int ended = vp8_add_cost(vp8_add_cost(next[c].cost, costs->end[place][next[c].context] << kVp8CostShift),
                                       rest[place + 1]);
        if (ended < best) {
          best = ended;
          best_place = place;
          best_candidate = c;
        }
      }
    }
    path[0] = next[0];
    path[1] = next[1];
  }

  for (int place = 15; place >= 0; --place) {
    levels[place] = 0;
    if (place > best_place || place < first) continue;
    levels[place] = coefficients[kVp8Scan[place]] < 0 ? (int16_t)-candidate[best_candidate][place]
                                                      : candidate[best_candidate][place];
    best_candidate = from[best_candidate][place];
  }
  return best;
}

/* Whether any coefficient from `first` on would not round to zero: what neighbours are taken to be while all blocks of
   a macroblock are looked at at once. */
VP8_INLINE int vp8_seems_coded(const int16_t* coefficients, int first, VP8_GLOBAL const Vp8Quantiser* quantiser) {
  for (int place = first; place < 16; ++place) {
    if (vp8_nearest_level(quantiser, place, vp8_abs(coefficients[kVp8Scan[place]])) > 0) return 1;
  }
  return 0;
}

/* Levels in the order of the scan to coefficients in raster order, places before `first` left as they are. */
VP8_INLINE void vp8_dequantise(const int16_t* levels, int first, VP8_GLOBAL const Vp8Quantiser* quantiser,
                               int16_t* out) {
  for (int place = first; place < 16; ++place) out[kVp8Scan[place]] = (int16_t)(levels[place] * quantiser->step[place]);
}

#endif
