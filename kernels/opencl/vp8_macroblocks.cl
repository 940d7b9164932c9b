// Modes and levels of VP8 macroblocks (kernels/vp8/macroblock_search.h says which are right): one work-group a macroblock, all
// those at once that wait for none of each other. A macroblock needs what is on its left, above, and above on the right, so
// column + 2 * row is the same for all of a launch, whatever frames they are of.
#include "kernels/shared/vp8/device_frame.h"
#include "kernels/shared/vp8/predict.h"
#include "kernels/shared/vp8/transform.h"

#define GROUP 32
#define SECOND_ORDER_BIT 256
#define TOO_MUCH (1 << 28)
#define SYNC barrier(CLK_LOCAL_MEM_FENCE)

typedef struct {
  uchar above[20]; /* of luma with the four pixels on the right; the corner apart */
  uchar left[16];
  uchar corner;
} Border;

typedef struct {
  uchar pixels[384]; /* the picture's own: luma 16 x 16, U 8 x 8, V 8 x 8 */
  Border border[3];
  int has_above, has_left;
  uint above_coded, left_coded;
  uchar above_modes[4], left_modes[4];
  int budget;

  /* Attempts at whole luma, then at chroma: 64 tasks of 4 modes x 16 blocks, or 32 of 4 x 8. */
  uchar predicted[64][16];
  short coefficients[64][16];
  short levels[64][16];
  int cost[64];
  uchar seems_coded[64];
  short second_levels[4][16];
  int second_cost[4];
  int total[4];
  short dc[16];

  /* What sub-blocks have come to. */
  uchar sub_rebuilt[256];
  short sub_levels[16][16];
  uchar sub_modes[16];
  int sub_cost[kVp8SubModes];
  uint sub_coded;
  int sub_total, sub_mode_cost;

  uchar rebuilt[384];
  uchar is_coded[32];
} Work;

static void forward_block(const uchar* pixels, const uchar* prediction, short* coefficients) {
  short residual[16];
  for (int i = 0; i < 16; ++i) residual[i] = (short)(pixels[i] - prediction[i]);
  vp8_forward_dct(residual, coefficients);
}

// Pixel i of a 4x4 block at (x, y) of a plane that starts at `plane` and is `side` wide.
static int place_of(int plane, int side, int x, int y, int i) { return plane + side * (y + i / 4) + x + i % 4; }

static int mean_of_border(__local const Border* border, int side, int has_above, int has_left) {
  const int shift = side == 16 ? 4 : 3;
  int sum = 0;
  for (int i = 0; i < side; ++i) sum += (has_above ? border->above[i] : 0) + (has_left ? border->left[i] : 0);
  if (has_above && has_left) return (sum + side) >> (shift + 1);
  return has_above || has_left ? (sum + side / 2) >> shift : 128;
}

static uchar predicted_pixel(int mode, __local const Border* border, int mean, int x, int y) {
  if (mode == kVp8Dc) return (uchar)mean;
  if (mode == kVp8Vertical) return border->above[x];
  if (mode == kVp8Horizontal) return border->left[y];
  return vp8_pixel(border->left[y] + border->above[x] - border->corner);
}

// A block of an attempt at a whole square: predicted, transformed, and whether it would have coefficients.
static void attempt_block(__local Work* work, int task, int mode, int component, int x, int y, int first,
                          __global const Vp8Quantiser* quantiser) {
  const int side = component == 0 ? 16 : 8, plane = component == 0 ? 0 : component == 1 ? 256 : 320;
  __local const Border* border = &work->border[component];
  const int mean = mode == kVp8Dc ? mean_of_border(border, side, work->has_above, work->has_left) : 0;
  uchar prediction[16], pixels[16];
  short coefficients[16];
  for (int i = 0; i < 16; ++i) {
    prediction[i] = predicted_pixel(mode, border, mean, x + i % 4, y + i / 4);
    pixels[i] = work->pixels[place_of(plane, side, x, y, i)];
  }
  forward_block(pixels, prediction, coefficients);
  work->seems_coded[task] = (uchar)vp8_seems_coded(coefficients, first, quantiser);
  for (int i = 0; i < 16; ++i) {
    work->predicted[task][i] = prediction[i];
    work->coefficients[task][i] = coefficients[i];
  }
}

static void code_attempt(__local Work* work, int task, int first, int context, int depth,
                         __global const Vp8Quantiser* quantiser, __global const Vp8Costs* costs) {
  short coefficients[16], levels[16];
  for (int i = 0; i < 16; ++i) coefficients[i] = work->coefficients[task][i];
  work->cost[task] = vp8_code_block(coefficients, first, context, depth, quantiser, costs, levels);
  for (int i = 0; i < 16; ++i) work->levels[task][i] = levels[i];
}

static void rebuild_block(__local const short* levels, int first, int dc, __global const Vp8Quantiser* quantiser,
                          const uchar* prediction, __local uchar* out, int plane, int side, int x, int y) {
  short private_levels[16], coefficients[16];
  uchar pixels[16];
  for (int i = 0; i < 16; ++i) private_levels[i] = levels[i];
  coefficients[0] = (short)dc;
  vp8_dequantise(private_levels, first, quantiser, coefficients);
  vp8_add_inverse_dct(coefficients, prediction, pixels);
  for (int i = 0; i < 16; ++i) out[place_of(plane, side, x, y, i)] = pixels[i];
}

static int cheapest(__local const int* totals) {
  int best = 0;
  for (int mode = 1; mode < kVp8Modes; ++mode)
    if (totals[mode] < totals[best]) best = mode;
  return best;
}

// The modes that may be used count what they count, the others more than anything.
static int affordable(int mode, int cost, int thrift, int budget) {
  return mode == 0 || cost <= budget ? cost << thrift : TOO_MUCH;
}

// Returns the best mode of whole luma; work->total has what each costs.
static int search_luma(__local Work* work, __global const Vp8DeviceTables* tables,
                       __global const Vp8Quantiser* quantisers, int depth, int thrift, int budget, size_t id) {
  for (int task = (int)id; task < 64; task += GROUP)
    attempt_block(work, task, task / 16, 0, 4 * (task % 4), 4 * (task % 16 / 4), 1, &quantisers[kVp8LumaWithoutDc]);
  SYNC;
  for (int task = (int)id; task < 64; task += GROUP) {
    const int block = task % 16, x = block % 4, y = block / 4;
    const int context = (y ? work->seems_coded[task - 4] : (int)(work->above_coded >> x & 1)) +
                        (x ? work->seems_coded[task - 1] : (int)(work->left_coded >> y & 1));
    code_attempt(work, task, 1, context, depth, &quantisers[kVp8LumaWithoutDc], &tables->costs[kVp8LumaWithoutDc]);
  }
  if (id < kVp8Modes) {
    short dc[16], second[16], levels[16];
    const int context = (work->above_coded & SECOND_ORDER_BIT ? 1 : 0) + (work->left_coded & SECOND_ORDER_BIT ? 1 : 0);
    for (int block = 0; block < 16; ++block) dc[block] = work->coefficients[16 * id + block][0];
    vp8_forward_second_order(dc, second);
    work->second_cost[id] = vp8_code_block(second, 0, context, depth, &quantisers[kVp8SecondOrder],
                                           &tables->costs[kVp8SecondOrder], levels);
    for (int i = 0; i < 16; ++i) work->second_levels[id][i] = levels[i];
  }
  SYNC;
  if (id < kVp8Modes) {
    int total = work->second_cost[id] + affordable(id, tables->luma_mode_costs[id], thrift, budget);
    for (int block = 0; block < 16; ++block) total += work->cost[16 * id + block];
    work->total[id] = total;
  }
  SYNC;
  return cheapest(work->total);
}

// From the second-order block to the DC coefficients of the 16 others.
static void unfold_second_order(__local Work* work, __global const Vp8Quantiser* quantisers, int mode) {
  short levels[16], second[16], dc[16];
  for (int i = 0; i < 16; ++i) levels[i] = work->second_levels[mode][i];
  vp8_dequantise(levels, 0, &quantisers[kVp8SecondOrder], second);
  vp8_inverse_second_order(second, dc);
  for (int i = 0; i < 16; ++i) work->dc[i] = dc[i];
}

static void rebuild_luma(__local Work* work, __global const Vp8Quantiser* quantisers, int mode, int block) {
  const int task = 16 * mode + block;
  uchar prediction[16];
  for (int i = 0; i < 16; ++i) prediction[i] = work->predicted[task][i];
  rebuild_block(work->levels[task], 1, work->dc[block], &quantisers[kVp8LumaWithoutDc], prediction, work->rebuilt, 0, 16,
                4 * (block % 4), 4 * (block / 4));
}

static uchar any_of(__local const short* levels) {
  int any = 0;
  for (int i = 0; i < 16; ++i) any |= levels[i];
  return any != 0;
}

static void fill_edge(__local const Work* work, int block, uchar* edge) {
  const int x = 4 * (block & 3), y = 4 * (block >> 2);
  __local const uchar* rebuilt = work->sub_rebuilt;
  __local const Border* border = &work->border[0];
  for (int i = 0; i < 4; ++i) edge[3 - i] = x ? rebuilt[16 * (y + i) + x - 1] : border->left[y + i];
  edge[4] = x && y ? rebuilt[16 * (y - 1) + x - 1] : y ? border->left[y - 1] : x ? border->above[x - 1] : border->corner;
  for (int i = 0; i < 4; ++i) edge[5 + i] = y ? rebuilt[16 * (y - 1) + x + i] : border->above[x + i];
  // Right of the macroblock every row sees what is above the whole macroblock.
  for (int i = 0; i < 4; ++i)
    edge[9 + i] = x == 12 ? border->above[16 + i] : y ? rebuilt[16 * (y - 1) + x + 4 + i] : border->above[x + 4 + i];
}

// Whether sub-blocks cost less than `most_cost`; then they are in work->sub_*. Once they cost more, nothing is done but the
// barriers, which every work-item must come to: not every driver compiles a way around them.
static bool search_sub_blocks(__local Work* work, __global const Vp8DeviceTables* tables,
                              __global const Vp8Quantiser* quantiser, int depth, int patience, int thrift, int most_cost,
                              int budget, size_t id) {
  if (id == 0) {
    work->sub_mode_cost = tables->luma_mode_costs[kVp8SubBlocks];
    work->sub_total = work->sub_mode_cost << thrift;
    work->sub_coded = 0;
  }
  if (id < 16) work->sub_modes[id] = kVp8SubDc;
  bool pays = true;
  for (int block = 0; block < 16; ++block) {
    SYNC;
    const int x = block & 3, y = block >> 2;
    const int above_mode = y ? work->sub_modes[block - 4] : work->above_modes[x];
    const int left_mode = x ? work->sub_modes[block - 1] : work->left_modes[y];
    __global const short* mode_costs = tables->sub_mode_costs[above_mode][left_mode];
    uchar prediction[16];
    short levels[16];
    if (pays && id < kVp8SubModes) {
      const int context = (int)((y ? work->sub_coded >> (block - 4) & 1 : work->above_coded >> x & 1) +
                                (x ? work->sub_coded >> (block - 1) & 1 : work->left_coded >> y & 1));
      uchar edge[kVp8EdgePixels], pixels[16];
      short coefficients[16];
      fill_edge(work, block, edge);
      vp8_predict_sub_block(id, edge, prediction);
      for (int i = 0; i < 16; ++i) pixels[i] = work->pixels[place_of(0, 16, 4 * x, 4 * y, i)];
      forward_block(pixels, prediction, coefficients);
      work->sub_cost[id] = vp8_add_cost(mode_costs[id] << thrift,
                                        vp8_code_block(coefficients, 0, context, depth, quantiser,
                                                       &tables->costs[kVp8LumaWithDc], levels));
    }
    SYNC;
    int best = 0;
    for (int mode = 1; mode < kVp8SubModes; ++mode)
      if (work->sub_cost[mode] < work->sub_cost[best]) best = mode;
    const int total = work->sub_total + work->sub_cost[best];
    const int mode_cost = work->sub_mode_cost + mode_costs[best];
    pays = pays && vp8_keeps_up(total, most_cost, block, patience) && mode_cost <= budget;
    SYNC;
    if (pays && id == best) {
      for (int i = 0; i < 16; ++i) work->sub_levels[block][i] = levels[i];
      rebuild_block(work->sub_levels[block], 0, 0, quantiser, prediction, work->sub_rebuilt, 0, 16, 4 * x, 4 * y);
      work->sub_modes[block] = (uchar)best;
      work->sub_coded |= (uint)any_of(work->sub_levels[block]) << block;
      work->sub_total = total;
      work->sub_mode_cost = mode_cost;
    }
  }
  SYNC;
  return pays;
}

static int search_chroma(__local Work* work, __global const Vp8DeviceTables* tables, __global const Vp8Quantiser* quantiser,
                         int depth, int thrift, int budget, size_t id) {
  const int block = (int)id % 8, mode = (int)id / 8, inside = block % 4, component = 1 + block / 4;
  const int x = inside % 2, y = inside / 2, shift = component == 1 ? 4 : 6;
  attempt_block(work, id, mode, component, 4 * x, 4 * y, 0, quantiser);
  SYNC;
  const int context = (y ? work->seems_coded[id - 2] : (int)(work->above_coded >> (shift + x) & 1)) +
                      (x ? work->seems_coded[id - 1] : (int)(work->left_coded >> (shift + y) & 1));
  code_attempt(work, id, 0, context, depth, quantiser, &tables->costs[kVp8Chroma]);
  SYNC;
  if (id < kVp8Modes) {
    int total = affordable(id, tables->chroma_mode_costs[id], thrift, budget);
    for (int i = 0; i < 8; ++i) total += work->cost[8 * id + i];
    work->total[id] = total;
  }
  SYNC;
  const int best = cheapest(work->total);
  if (mode == best) {
    uchar prediction[16];
    for (int i = 0; i < 16; ++i) prediction[i] = work->predicted[id][i];
    rebuild_block(work->levels[id], 0, 0, quantiser, prediction, work->rebuilt, component == 1 ? 256 : 320, 8, 4 * x, 4 * y);
  }
  return best;
}

// Loading: pixels beyond the picture's last column and row are those there.
static void load_plane(__local uchar* out, __global const uchar* plane, uint width, uint height, uint x, uint y, int side,
                       size_t id) {
  for (int i = (int)id; i < side * side; i += GROUP) {
    const uint px = min(x + (uint)(i % side), width - 1), py = min(y + (uint)(i / side), height - 1);
    out[i] = plane[(size_t)py * width + px];
  }
}

static void load_border(__local Border* border, __global const uchar* rebuilt, uint stride, uint column, uint row, int side,
                        size_t id) {
  const size_t x = (size_t)column * side, y = (size_t)row * side;
  if (id < side) {
    border->above[id] = row > 0 ? rebuilt[(y - 1) * stride + x + id] : 127;
    border->left[id] = column > 0 ? rebuilt[(y + id) * stride + x - 1] : 129;
  }
  if (id == 31) border->corner = row == 0 ? 127 : column == 0 ? 129 : rebuilt[(y - 1) * stride + x - 1];
}

static void store_plane(__global uchar* rebuilt, uint stride, uint column, uint row, int side, __local const uchar* pixels,
                        size_t id) {
  for (int i = (int)id; i < side * side; i += GROUP)
    rebuilt[((size_t)row * side + i / side) * stride + (size_t)column * side + i % side] = pixels[i];
}

static uint bits_at(__local const uchar* is_coded, int first, int step, int count, int shift) {
  uint bits = 0;
  for (int i = 0; i < count; ++i) bits |= (uint)is_coded[first + i * step] << (shift + i);
  return bits;
}

// How far the pixels of each macroblock are from the means of their 4x4 blocks (kernels/vp8/segments.h), for one frame. x the
// macroblock; out_at: a uint each.
__kernel void vp8_apart(__global uchar* arena, ulong luma_at, uint width, uint height, uint columns, uint rows, ulong out_at) {
  const uint at = (uint)get_global_id(0);
  if (at >= columns * rows) return;
  __global const uchar* luma = arena + luma_at;
  const uint left = 16 * (at % columns), top = 16 * (at / columns);
  uint apart = 0;
  for (uint block = 0; block < 16; ++block) {
    int pixels[16], sum = 8;
    for (uint i = 0; i < 16; ++i) {
      const uint x = min(left + 4 * (block % 4) + i % 4, width - 1), y = min(top + 4 * (block / 4) + i / 4, height - 1);
      sum += pixels[i] = luma[(size_t)y * width + x];
    }
    for (uint i = 0; i < 16; ++i) apart += (uint)vp8_abs(pixels[i] - (sum >> 4));
  }
  ((__global uint*)(arena + out_at))[at] = apart;
}

typedef char WorkFits[sizeof(Work) <= kVp8WorkBytes ? 1 : -1];

// Groups: x the row of macroblocks, y the frame. work_space: kVp8WorkBytes.
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void vp8_diagonal(__global const Vp8DeviceFrame* frames, uint diagonal, __local uchar* work_space, __global uchar* arena0,
                  __global uchar* arena1, __global uchar* arena2, __global uchar* arena3, __global uchar* arena4,
                  __global uchar* arena5, __global uchar* arena6, __global uchar* arena7) {
  __local Work* work = (__local Work*)work_space;
  // Never narrowed and widened again: PoCL 6.0 now and then takes the widened number for the same in all work-items.
  const size_t id = get_local_id(0);
  const Vp8DeviceFrame frame = frames[get_group_id(1)];
  __global uchar* const arenas[kVp8Arenas] = {arena0, arena1, arena2, arena3, arena4, arena5, arena6, arena7};
  __global uchar* const arena = arenas[frame.arena];
  const uint row = (uint)get_group_id(0);
  if (row >= frame.rows || diagonal < 2 * row || diagonal - 2 * row >= frame.columns) return;
  const uint column = diagonal - 2 * row;
  const size_t at = (size_t)row * frame.columns + column;
  __global Vp8DeviceMacroblock* all = (__global Vp8DeviceMacroblock*)(arena + frame.macroblocks_at);
  __global Vp8DeviceMacroblock* out = all + at;
  __global const Vp8DeviceMacroblock* above = out - frame.columns;
  __global const Vp8DeviceMacroblock* left = out - 1;
  __global const Vp8DeviceTables* tables = (__global const Vp8DeviceTables*)(arena + frame.tables_at);
  __global const Vp8Quantiser* quantisers = tables->quantisers[arena[frame.segments_at + at]];
  __global int* credit = (__global int*)(arena + frame.credit_at) + row;
  const uint luma_stride = 16 * frame.columns, chroma_stride = 8 * frame.columns;
  const uint chroma_width = (frame.width + 1) / 2, chroma_height = (frame.height + 1) / 2;

  load_plane(work->pixels, arena + frame.y_at, frame.width, frame.height, 16 * column, 16 * row, 16, id);
  load_plane(work->pixels + 256, arena + frame.u_at, chroma_width, chroma_height, 8 * column, 8 * row, 8, id);
  load_plane(work->pixels + 320, arena + frame.v_at, chroma_width, chroma_height, 8 * column, 8 * row, 8, id);
  load_border(&work->border[0], arena + frame.rebuilt_y_at, luma_stride, column, row, 16, id);
  load_border(&work->border[1], arena + frame.rebuilt_u_at, chroma_stride, column, row, 8, id);
  load_border(&work->border[2], arena + frame.rebuilt_v_at, chroma_stride, column, row, 8, id);
  if (id < 4) {
    const bool has_right = column + 1 < frame.columns;
    const size_t x = 16 * (size_t)column + (has_right ? 16 + id : 15);
    work->border[0].above[16 + id] = row == 0 ? 127 : arena[frame.rebuilt_y_at + (16 * (size_t)row - 1) * luma_stride + x];
    work->above_modes[id] = row > 0 ? above->sub_modes[12 + id] : kVp8SubDc;
    work->left_modes[id] = column > 0 ? left->sub_modes[4 * id + 3] : kVp8SubDc;
  }
  if (id == 0) {
    work->has_above = row > 0;
    work->has_left = column > 0;
    work->above_coded = row > 0 ? above->below_coded : 0;
    work->left_coded = column > 0 ? left->right_coded : 0;
    work->budget = *credit += frame.credit_share;
  }
  SYNC;

  const int thrift = vp8_thrift(work->budget);
  const int luma_budget = work->budget - tables->chroma_mode_costs[kVp8Dc];
  const int whole = search_luma(work, tables, quantisers, frame.depth, thrift, luma_budget, id);
  const int whole_cost = work->total[whole];
  const bool in_sub_blocks = search_sub_blocks(work, tables, &quantisers[kVp8LumaWithDc], frame.depth, frame.patience,
                                               thrift, whole_cost, luma_budget, id);
  if (id == 0 && !in_sub_blocks) unfold_second_order(work, quantisers, whole);
  SYNC;
  int mode_cost = tables->luma_mode_costs[whole];
  if (in_sub_blocks) {
    mode_cost = work->sub_mode_cost;
    for (int i = (int)id; i < 256; i += GROUP) {
      work->rebuilt[i] = work->sub_rebuilt[i];
      out->levels[i / 16][i % 16] = work->sub_levels[i / 16][i % 16];
    }
    if (id < 16) {
      out->levels[kVp8SecondOrderBlock][id] = 0;
      out->sub_modes[id] = work->sub_modes[id];
      work->is_coded[id] = any_of(work->sub_levels[id]);
    }
  } else {
    for (int i = (int)id; i < 256; i += GROUP) out->levels[i / 16][i % 16] = work->levels[16 * whole + i / 16][i % 16];
    if (id < 16) {
      rebuild_luma(work, quantisers, whole, id);
      out->levels[kVp8SecondOrderBlock][id] = work->second_levels[whole][id];
      out->sub_modes[id] = whole == kVp8Vertical     ? kVp8SubVertical
                           : whole == kVp8Horizontal ? kVp8SubHorizontal
                           : whole == kVp8TrueMotion ? kVp8SubTrueMotion
                                                     : kVp8SubDc;
      work->is_coded[id] = any_of(work->levels[16 * whole + id]);
    }
  }
  if (id == 0) work->is_coded[kVp8SecondOrderBlock] = in_sub_blocks ? 0 : any_of(work->second_levels[whole]);
  SYNC;  // the attempts at chroma take the place of those at luma

  const int chroma =
      search_chroma(work, tables, &quantisers[kVp8Chroma], frame.depth, thrift, work->budget - mode_cost, id);
  mode_cost += tables->chroma_mode_costs[chroma];
  for (int i = (int)id; i < 128; i += GROUP) out->levels[kVp8FirstU + i / 16][i % 16] = work->levels[8 * chroma + i / 16][i % 16];
  if (id < 8) work->is_coded[kVp8FirstU + id] = any_of(work->levels[8 * chroma + id]);
  SYNC;

  store_plane(arena + frame.rebuilt_y_at, luma_stride, column, row, 16, work->rebuilt, id);
  store_plane(arena + frame.rebuilt_u_at, chroma_stride, column, row, 8, work->rebuilt + 256, id);
  store_plane(arena + frame.rebuilt_v_at, chroma_stride, column, row, 8, work->rebuilt + 320, id);
  if (id != 0) return;
  const uint second = work->is_coded[kVp8SecondOrderBlock] ? SECOND_ORDER_BIT : 0;
  __local const uchar* coded = work->is_coded;
  uint any = 0;
  for (int block = 0; block < kVp8Blocks; ++block) any |= coded[block];
  out->luma = (uchar)(in_sub_blocks ? kVp8SubBlocks : whole);
  out->chroma = (uchar)chroma;
  out->is_empty = any == 0;
  out->mode_cost = mode_cost;
  out->below_coded = (ushort)(bits_at(coded, 12, 1, 4, 0) | bits_at(coded, kVp8FirstU + 2, 1, 2, 4) |
                              bits_at(coded, kVp8FirstV + 2, 1, 2, 6) |
                              (in_sub_blocks ? work->above_coded & SECOND_ORDER_BIT : second));
  out->right_coded = (ushort)(bits_at(coded, 3, 4, 4, 0) | bits_at(coded, kVp8FirstU + 1, 2, 2, 4) |
                              bits_at(coded, kVp8FirstV + 1, 2, 2, 6) |
                              (in_sub_blocks ? work->left_coded & SECOND_ORDER_BIT : second));
  *credit -= mode_cost;
}
