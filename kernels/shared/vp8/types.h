/* What the headers of this folder are written in: a subset of C that C++, OpenCL C 1.2 and HLS C++ all compile.
   Integers of stated width, fixed arrays, no recursion, no allocation. `>>` of a negative number rounds down. */
#ifndef TINTYPE_SHARED_VP8_TYPES_H_
#define TINTYPE_SHARED_VP8_TYPES_H_

#if defined(__OPENCL_VERSION__) || defined(__OPENCL_C_VERSION__)
typedef uchar uint8_t;
typedef ushort uint16_t;
typedef short int16_t;
typedef uint uint32_t;
typedef int int32_t;
typedef ulong uint64_t;
#define VP8_CONSTANT __constant
#define VP8_GLOBAL __global
#define VP8_INLINE static inline
#else
#include <stdint.h>
/* A table of the format; a table of the frame, made by the host; a function. */
#if defined(__cplusplus)
#define VP8_CONSTANT static constexpr
#else
#define VP8_CONSTANT static const
#endif
#define VP8_GLOBAL
#define VP8_INLINE static inline
#endif

VP8_INLINE int vp8_min(int a, int b) { return a < b ? a : b; }
VP8_INLINE int vp8_max(int a, int b) { return a > b ? a : b; }
VP8_INLINE int vp8_abs(int a) { return a < 0 ? -a : a; }
VP8_INLINE int vp8_clamp(int v, int low, int high) { return v < low ? low : v > high ? high : v; }
VP8_INLINE uint8_t vp8_pixel(int v) { return (uint8_t)vp8_clamp(v, 0, 255); }

/* Modes of a whole macroblock's luma, and of its chroma; kVp8SubBlocks: luma only, each sub-block has its own. */
enum { kVp8Dc = 0, kVp8Vertical = 1, kVp8Horizontal = 2, kVp8TrueMotion = 3, kVp8SubBlocks = 4, kVp8Modes = 4 };

/* Modes of a 4x4 sub-block. */
enum {
  kVp8SubDc = 0,
  kVp8SubTrueMotion = 1,
  kVp8SubVertical = 2,
  kVp8SubHorizontal = 3,
  kVp8SubLeftDown = 4,
  kVp8SubRightDown = 5,
  kVp8SubVerticalRight = 6,
  kVp8SubVerticalLeft = 7,
  kVp8SubHorizontalDown = 8,
  kVp8SubHorizontalUp = 9,
  kVp8SubModes = 10
};

/* Kinds of coefficient blocks. */
enum { kVp8LumaWithoutDc = 0, kVp8SecondOrder = 1, kVp8Chroma = 2, kVp8LumaWithDc = 3, kVp8Kinds = 4 };

/* A macroblock's blocks: 16 of luma, 4 of U, 4 of V, and the second-order one. */
enum { kVp8FirstU = 16, kVp8FirstV = 20, kVp8SecondOrderBlock = 24, kVp8Blocks = 25 };

#endif
