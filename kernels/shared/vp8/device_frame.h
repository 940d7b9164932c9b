/* What a device is told of a frame, and what it answers of each macroblock: the same bytes in C++ and in OpenCL C.
   Places are bytes from the start of the memory that all of the frame lies in: its arena. */
#ifndef TINTYPE_SHARED_VP8_DEVICE_FRAME_H_
#define TINTYPE_SHARED_VP8_DEVICE_FRAME_H_

#include "kernels/shared/vp8/code_block.h"

/* Memory that the work-items of a macroblock share; and how many arenas the frames of one launch lie in, at most. */
enum { kVp8WorkBytes = 10240, kVp8Arenas = 8 };

/* Fixed for the frame. */
typedef struct {
  Vp8Quantiser quantisers[4][kVp8Kinds]; /* by segment */
  Vp8Costs costs[kVp8Kinds];
  int16_t luma_mode_costs[kVp8Modes + 1]; /* what modes cost; they count 2^thrift times that */
  int16_t chroma_mode_costs[kVp8Modes];
  int16_t padding[7];
  int16_t sub_mode_costs[kVp8SubModes][kVp8SubModes][16]; /* [above][left] */
} Vp8DeviceTables;

typedef struct {
  uint64_t y_at, u_at, v_at; /* the picture, rows without gaps; chroma has half the sides, rounded up */
  uint64_t rebuilt_y_at, rebuilt_u_at, rebuilt_v_at; /* whole macroblocks, before the loop filter */
  uint64_t tables_at;                                /* Vp8DeviceTables */
  uint64_t segments_at;                              /* a byte a macroblock */
  uint64_t credit_at;                                /* of each row: what its modes may still cost */
  uint64_t macroblocks_at;                           /* Vp8DeviceMacroblock, in raster order */
  uint32_t width, height;
  uint32_t columns, rows; /* of macroblocks */
  int32_t credit_share;   /* what each macroblock adds to its row's credit */
  int32_t depth;          /* candidates a coefficient (code_block.h) */
  int32_t patience;       /* with sub-blocks that fall behind the whole (vp8_keeps_up) */
  uint32_t arena;         /* which of the launch's */
} Vp8DeviceFrame;

typedef struct {
  int16_t levels[kVp8Blocks][16]; /* in the order of the scan */
  uint8_t sub_modes[16];
  uint8_t luma, chroma, is_empty, padding;
  int32_t mode_cost;
  uint16_t below_coded, right_coded; /* bits: kernels/vp8/macroblock.h */
} Vp8DeviceMacroblock;

#endif
