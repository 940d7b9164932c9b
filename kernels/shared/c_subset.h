// The words in which kernels are written once: understood by C++, by OpenCL C 1.2 and by HLS C++. Headers of this
// folder use nothing else: integers of stated width, arrays of fixed size, functions that touch only their arguments.
// (ssimulacra2.h alone has floating point: its score is defined by it.)
//
// Arithmetic that hostile input can drive past 32 bits goes through tt_add, tt_sub, tt_mul and tt_shl, which wrap on
// every target, so that each gives the same bits for every input.
#pragma once

#if defined(__OPENCL_VERSION__) || defined(__OPENCL_C_VERSION__)

typedef uchar tt_u8;
typedef short tt_i16;
typedef ushort tt_u16;
typedef int tt_i32;
typedef uint tt_u32;
#define TT_SHARED static inline

#else

#include <stdint.h>  // NOLINT(modernize-deprecated-headers): HLS compiles this as C, too

typedef uint8_t tt_u8;
typedef int16_t tt_i16;
typedef uint16_t tt_u16;
typedef int32_t tt_i32;
typedef uint32_t tt_u32;
#define TT_SHARED static inline

#endif

TT_SHARED tt_i32 tt_add(tt_i32 a, tt_i32 b) { return (tt_i32)((tt_u32)a + (tt_u32)b); }
TT_SHARED tt_i32 tt_sub(tt_i32 a, tt_i32 b) { return (tt_i32)((tt_u32)a - (tt_u32)b); }
TT_SHARED tt_i32 tt_mul(tt_i32 a, tt_i32 b) { return (tt_i32)((tt_u32)a * (tt_u32)b); }
TT_SHARED tt_i32 tt_shl(tt_i32 a, tt_u32 bits) { return (tt_i32)((tt_u32)a << bits); }
TT_SHARED tt_i32 tt_clamp(tt_i32 a, tt_i32 least, tt_i32 most) { return a < least ? least : a > most ? most : a; }
