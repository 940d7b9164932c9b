#include "codec/jpeg/jpeg_reader.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <jpeglib.h>
// jpeglib.h leaves its <stdio.h> to us, so it goes first.
#include <jerror.h>

#include <algorithm>

#include "codec/cursor.h"
#include "codec/damage.h"
#include "codec/exif_orientation.h"
#include "codec/jpeg/packed_coefficients.h"
#include "core/base/kept_memory.h"

namespace tintype {
namespace {

// A progressive JPEG has about ten scans and each costs a pass over the whole picture: a small file with
// thousands of them would keep a core busy for minutes. Far beyond what encoders write, it is damage or an
// attack.
constexpr int kMaxScans = 100;

constexpr std::uint8_t kEndMarker[] = {0xFF, JPEG_EOI};

// Encoders may end a scan with some padding; more bytes than this that are none were part of the picture.
constexpr std::size_t kMaxStrayBytes = 16;

// libjpeg's words, without those that our own sentences begin with anyway.
std::string quote(std::string_view text) {
  constexpr std::string_view kPrefix = "Corrupt JPEG data: ";
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  return "libjpeg: " + std::string(text);
}

}  // namespace

int choose_jpeg_scale(const JpegHeader& header, std::uint32_t min_long_side_px) {
  if (min_long_side_px == 0) return 1;
  const std::uint32_t long_side = std::max(header.width, header.height);
  // libjpeg rounds sizes up.
  for (const unsigned scale : {8u, 4u, 2u})
    if ((long_side + scale - 1) / scale >= min_long_side_px) return static_cast<int>(scale);
  return 1;
}

struct JpegReader::State {
  explicit State(ByteView file_bytes) : file(file_bytes) {}
  ~State() {
    jpeg_destroy_decompress(&cinfo);
    std::free(icc_bytes);
  }
  static State& of(j_common_ptr common) { return *static_cast<State*>(common->client_data); }
  static State& of(j_decompress_ptr decompress) { return *static_cast<State*>(decompress->client_data); }

  // Runs calls into libjpeg. Neither `calls` nor what it calls may own anything: an error jumps over them.
  template <typename Calls>
  Status guard(Calls calls) {
    if (setjmp(jump) != 0) return fail(error());
    calls();
    return {};
  }

  Error error();
  void note_warning();
  bool left_picture_data(std::size_t passed_over) const;
  void watch_scan();
  bool lacks_scans() const;
  void keep_coefficients_packed();
  void read_coefficients_once();

  ByteView file;
  jpeg_decompress_struct cinfo{};
  jpeg_error_mgr error_manager{};
  jpeg_source_mgr source{};
  jpeg_progress_mgr progress{};
  jmp_buf jump{};

  JOCTET* icc_bytes = nullptr;
  unsigned icc_size = 0;

  // Plain data, because it is written by callbacks of C.
  bool reached_end = false;  // the file ended where libjpeg wanted more
  bool has_too_many_scans = false;
  bool starved = false;      // the picture's data ran out with the file
  bool contradicts = false;  // the data are wrong, wherever they end
  bool icc_is_broken = false;
  bool has_stray_bytes = false;
  bool has_odd_header = false;
  bool tail_is_unreadable = false;
  bool is_finished = false;
  bool lacked_scans = false;  // what lacks_scans() answered last, for when libjpeg has let go of what it looks at
  bool component_seen[MAX_COMPONENTS] = {};

  // A component's rows between libjpeg and whoever reads strips.
  struct Strip {
    Bytes samples;
    std::vector<JSAMPROW> rows;
  };
  std::vector<Strip> strips;
  std::vector<JSAMPARRAY> strip_arrays;
  jvirt_barray_ptr* coefficients = nullptr;  // libjpeg's own
  char first_damage[JMSG_LENGTH_MAX] = {};

  std::vector<std::unique_ptr<PackedCoefficients>> packed;  // instead of libjpeg's own arrays, one a component
};

// libjpeg asks its memory manager for an array of blocks for each component and for the rows that it works on; nothing
// else looks into what it is given.
void JpegReader::State::keep_coefficients_packed() {
  cinfo.mem->request_virt_barray = [](j_common_ptr common, int, boolean, JDIMENSION blocks_across, JDIMENSION rows,
                                      JDIMENSION most_rows) {
    State& state = of(common);
    PackedCoefficients* array = nullptr;
    // Such an array would lie beside what earlier pictures left, not in it.
    constexpr std::uint64_t kLargeBlocks = 100'000;
    if (std::uint64_t{blocks_across} * rows >= kLargeBlocks) give_back_freed_memory();
    try {
      array = state.packed.emplace_back(std::make_unique<PackedCoefficients>(blocks_across, rows, most_rows)).get();
    } catch (const std::bad_alloc&) {
    }
    if (array == nullptr) ERREXIT1(common, JERR_OUT_OF_MEMORY, 0);
    return reinterpret_cast<jvirt_barray_ptr>(array);
  };
  cinfo.mem->access_virt_barray = [](j_common_ptr common, jvirt_barray_ptr pointer, JDIMENSION first, JDIMENSION count,
                                     boolean writable) {
    auto& array = *reinterpret_cast<PackedCoefficients*>(pointer);
    const bool is_within = first <= array.block_rows() && count <= array.block_rows() - first;
    if (count == 0 || count > array.most_rows() || !is_within) ERREXIT(common, JERR_BAD_VIRTUAL_ACCESS);
    JBLOCKARRAY blocks = nullptr;
    try {
      blocks = array.rows(first, count, writable != FALSE);
    } catch (const std::bad_alloc&) {
    }
    if (blocks == nullptr) ERREXIT1(common, JERR_OUT_OF_MEMORY, 0);
    return blocks;
  };
}

// Once every scan is read, each component is gone through from top to bottom, once.
void JpegReader::State::read_coefficients_once() {
  for (const auto& array : packed) array->read_once();
}

Error JpegReader::State::error() {
  if (has_too_many_scans)
    return {ErrorCode::kCorruptImage, "the JPEG has more than " + std::to_string(kMaxScans) +
                                          " scans, which no camera or editor writes and which would only keep the "
                                          "processor busy; save it anew with an editor you trust"};
  char message[JMSG_LENGTH_MAX];
  error_manager.format_message(reinterpret_cast<j_common_ptr>(&cinfo), message);
  const std::string text = quote(message);
  switch (error_manager.msg_code) {
    case JERR_OUT_OF_MEMORY:
      return {ErrorCode::kOutOfMemory, "not enough memory to decode the JPEG (" + text + ")"};
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
    case JERR_BAD_PRECISION:
    case JERR_COMPONENT_COUNT:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
      return {ErrorCode::kUnsupportedImage,
              "the JPEG uses a coding that is not taken (" + text + "); save it as an ordinary 8-bit JPEG"};
    default:
      return reached_end ? truncated_error("JPEG", text) : corrupt_error("JPEG", text);
  }
}

void JpegReader::State::note_warning() {
  const int code = error_manager.msg_code;
  const int* parameters = error_manager.msg_parm.i;
  switch (code) {
    case JWRN_BOGUS_ICC:
      icc_is_broken = true;
      return;
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_TOO_MUCH_DATA:
      has_odd_header = true;
      return;
    case JWRN_EXTRANEOUS_DATA:
      has_stray_bytes = true;
      if (!left_picture_data(static_cast<std::size_t>(parameters[0]))) return;
      break;
    default:
      break;
  }
  // Behind the file's end libjpeg reads end markers as data: what it says of those is one thing, that data
  // are missing.
  (reached_end ? starved : contradicts) = true;
  if (first_damage[0] == 0) error_manager.format_message(reinterpret_cast<j_common_ptr>(&cinfo), first_damage);
}

// Whether the bytes that libjpeg just passed over on its way to a marker were a scan's that it did not need:
// entropy data that went out of step often show in nothing else, because libjpeg's fast decoder does not
// report bad codes.
bool JpegReader::State::left_picture_data(std::size_t passed_over) const {
  if (cinfo.input_scan_number == 0 || reached_end) return false;
  const auto end = static_cast<std::size_t>(source.next_input_byte - file.data()) - 2;  // before the marker
  const ByteView bytes = file.first(end).last(std::min(end, passed_over));
  const auto is_data = [](std::uint8_t byte) { return byte != 0x00 && byte != 0xFF; };
  return static_cast<std::size_t>(std::ranges::count_if(bytes, is_data)) > kMaxStrayBytes;
}

void JpegReader::State::watch_scan() {
  for (int i = 0; i < cinfo.comps_in_scan; ++i) component_seen[cinfo.cur_comp_info[i]->component_index] = true;
  if (cinfo.input_scan_number <= kMaxScans) return;
  has_too_many_scans = true;
  std::longjmp(jump, 1);
}

// Whether whole scans are missing: a component that never came or coefficients that were never refined to the
// end. A progressive file may leave coefficients out, so that counts only where the file ends without its end
// marker.
bool JpegReader::State::lacks_scans() const {
  if (is_finished) return lacked_scans;
  if (!std::all_of(component_seen, component_seen + cinfo.num_components, [](bool seen) { return seen; })) return true;
  if (!reached_end || !cinfo.progressive_mode || cinfo.coef_bits == nullptr) return false;
  for (int component = 0; component < cinfo.num_components; ++component)
    for (int k = 0; k < DCTSIZE2; ++k)
      if (cinfo.coef_bits[component][k] != 0) return true;
  return false;
}

JpegReader::JpegReader(ByteView file) : state_(std::make_unique<State>(file)) {}
JpegReader::~JpegReader() = default;

Result<JpegHeader> JpegReader::read_header() {
  State& state = *state_;
  jpeg_decompress_struct& cinfo = state.cinfo;
  cinfo.err = jpeg_std_error(&state.error_manager);
  state.error_manager.error_exit = [](j_common_ptr common) { std::longjmp(State::of(common).jump, 1); };
  state.error_manager.emit_message = [](j_common_ptr common, int level) {
    if (level < 0) State::of(common).note_warning();
  };
  state.error_manager.output_message = [](j_common_ptr) {};
  state.progress.progress_monitor = [](j_common_ptr common) { State::of(common).watch_scan(); };
  state.source.init_source = [](j_decompress_ptr) {};
  state.source.term_source = [](j_decompress_ptr) {};
  state.source.resync_to_restart = jpeg_resync_to_restart;
  // The whole file is there from the start, so a wish for more means that it ended: give libjpeg an end
  // marker.
  state.source.fill_input_buffer = [](j_decompress_ptr decompress) -> boolean {
    State::of(decompress).reached_end = true;
    decompress->src->next_input_byte = kEndMarker;
    decompress->src->bytes_in_buffer = sizeof kEndMarker;
    return TRUE;
  };
  state.source.skip_input_data = [](j_decompress_ptr decompress, long count) {
    if (count <= 0) return;
    jpeg_source_mgr& src = *decompress->src;
    if (static_cast<std::size_t>(count) > src.bytes_in_buffer) {
      src.fill_input_buffer(decompress);
      return;
    }
    src.next_input_byte += count;
    src.bytes_in_buffer -= static_cast<std::size_t>(count);
  };
  state.source.next_input_byte = state.file.data();
  state.source.bytes_in_buffer = state.file.size();

  cinfo.client_data = &state;
  TT_TRY(state.guard([&] {
    jpeg_create_decompress(&cinfo);
    cinfo.client_data = &state;
    cinfo.src = &state.source;
    cinfo.progress = &state.progress;
    state.keep_coefficients_packed();
    jpeg_save_markers(&cinfo, JPEG_APP0 + 1, 0xFFFF);
    jpeg_save_markers(&cinfo, JPEG_APP0 + 2, 0xFFFF);
    jpeg_read_header(&cinfo, TRUE);
    jpeg_read_icc_profile(&cinfo, &state.icc_bytes, &state.icc_size);
  }));

  JpegHeader header;
  header.width = cinfo.image_width;
  header.height = cinfo.image_height;
  header.components = cinfo.num_components;
  header.is_cmyk = cinfo.jpeg_color_space == JCS_CMYK || cinfo.jpeg_color_space == JCS_YCCK;
  header.is_ycc = cinfo.jpeg_color_space == JCS_YCbCr || cinfo.jpeg_color_space == JCS_GRAYSCALE;
  header.icc = Bytes::copy_of({state.icc_bytes, state.icc_size});
  header.icc_is_broken = state.icc_is_broken;
  for (jpeg_saved_marker_ptr marker = cinfo.marker_list; marker != nullptr; marker = marker->next) {
    const ByteView segment(marker->data, marker->data_length);
    if (marker->marker != JPEG_APP0 + 1 || !starts_with(segment, "Exif\0\0")) continue;
    header.exif = Bytes::copy_of(without_exif_prefix(segment));
    break;
  }
  if (cinfo.jpeg_color_space == JCS_UNKNOWN || cinfo.arith_code)
    return fail(ErrorCode::kUnsupportedImage,
                "the JPEG uses a coding that is not taken; save it as an ordinary 8-bit JPEG");
  return header;
}

Status JpegReader::start(int scale) {
  jpeg_decompress_struct& cinfo = state_->cinfo;
  const bool is_cmyk = cinfo.jpeg_color_space == JCS_CMYK || cinfo.jpeg_color_space == JCS_YCCK;
  cinfo.out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
  cinfo.scale_num = 1;
  cinfo.scale_denom = static_cast<unsigned>(scale);
  return state_->guard([&] {
    jpeg_start_decompress(&cinfo);
    state_->watch_scan();
    state_->read_coefficients_once();
  });
}

Status JpegReader::read_rows(std::uint8_t* rows, std::size_t stride_bytes, std::uint32_t count) {
  jpeg_decompress_struct& cinfo = state_->cinfo;
  const JDIMENSION first = cinfo.output_scanline;
  return state_->guard([&] {
    while (cinfo.output_scanline < first + count) {
      constexpr JDIMENSION kBatch = 8;
      JSAMPROW batch[kBatch];
      const JDIMENSION wanted = std::min(kBatch, first + count - cinfo.output_scanline);
      for (JDIMENSION i = 0; i < wanted; ++i) batch[i] = rows + stride_bytes * (cinfo.output_scanline - first + i);
      jpeg_read_scanlines(&cinfo, batch, wanted);
    }
  });
}

Status JpegReader::start_planes(int scale) {
  jpeg_decompress_struct& cinfo = state_->cinfo;
  cinfo.out_color_space = cinfo.jpeg_color_space;
  cinfo.raw_data_out = TRUE;
  cinfo.scale_num = 1;
  cinfo.scale_denom = static_cast<unsigned>(scale);
  TT_TRY(state_->guard([&] {
    jpeg_start_decompress(&cinfo);
    state_->watch_scan();
    state_->read_coefficients_once();
  }));
  for (int i = 0; i < cinfo.num_components; ++i) {
    const jpeg_component_info& component = cinfo.comp_info[i];
    const std::size_t stride =
        std::size_t{component.width_in_blocks} * static_cast<std::size_t>(component.DCT_scaled_size);
    State::Strip& strip = state_->strips.emplace_back();
    strip.rows.resize(static_cast<std::size_t>(component.v_samp_factor * component.DCT_scaled_size));
    strip.samples = Bytes(stride * strip.rows.size());
    for (std::size_t row = 0; row < strip.rows.size(); ++row) strip.rows[row] = strip.samples.data() + stride * row;
  }
  for (State::Strip& strip : state_->strips) state_->strip_arrays.push_back(strip.rows.data());
  return {};
}

Status JpegReader::read_coefficients(int scale) {
  jpeg_decompress_struct& cinfo = state_->cinfo;
  cinfo.out_color_space = cinfo.jpeg_color_space;
  cinfo.scale_num = 1;
  cinfo.scale_denom = static_cast<unsigned>(scale);
  return state_->guard([&] {
    jpeg_calc_output_dimensions(&cinfo);
    state_->coefficients = jpeg_read_coefficients(&cinfo);
    state_->watch_scan();
    state_->read_coefficients_once();
  });
}

JpegReader::BlockGrid JpegReader::blocks(int component) const {
  const jpeg_component_info& info = state_->cinfo.comp_info[component];
  BlockGrid grid{info.width_in_blocks, info.height_in_blocks, static_cast<std::uint32_t>(info.DCT_scaled_size), {}};
  if (info.quant_table != nullptr) std::ranges::copy(info.quant_table->quantval, grid.quantiser.begin());
  return grid;
}

Status JpegReader::copy_block_row(int component, std::uint32_t row, std::span<std::int16_t> out) {
  jpeg_decompress_struct& cinfo = state_->cinfo;
  return state_->guard([&] {
    JBLOCKARRAY rows = cinfo.mem->access_virt_barray(reinterpret_cast<j_common_ptr>(&cinfo),
                                                     state_->coefficients[component], row, 1, FALSE);
    std::memcpy(out.data(), rows[0], out.size_bytes());
  });
}

int JpegReader::components() const { return state_->cinfo.num_components; }

PlaneSource JpegReader::plane(int component) const {
  const jpeg_decompress_struct& cinfo = state_->cinfo;
  const jpeg_component_info& info = cinfo.comp_info[component];
  const auto extent = [&](JDIMENSION side, int factor, int largest) {
    return static_cast<double>(side) * factor * info.DCT_scaled_size / (static_cast<double>(largest) * DCTSIZE);
  };
  return {info.downsampled_width, info.downsampled_height,
          extent(cinfo.image_width, info.h_samp_factor, cinfo.max_h_samp_factor),
          extent(cinfo.image_height, info.v_samp_factor, cinfo.max_v_samp_factor)};
}

Status JpegReader::read_strip() {
  jpeg_decompress_struct& cinfo = state_->cinfo;
  const auto rows = static_cast<JDIMENSION>(cinfo.max_v_samp_factor * cinfo.min_DCT_scaled_size);
  return state_->guard([&] { jpeg_read_raw_data(&cinfo, state_->strip_arrays.data(), rows); });
}

std::uint32_t JpegReader::strip_rows(std::size_t component) const {
  return static_cast<std::uint32_t>(state_->strips[component].rows.size());
}

const std::uint8_t* JpegReader::strip_row(std::size_t component, std::uint32_t row) const {
  return state_->strips[component].rows[row];
}

void JpegReader::finish() {
  // libjpeg has read every scan by now, and finishing frees the table of refinements.
  state_->lacked_scans = state_->lacks_scans();
  state_->is_finished = true;
  const Status finished = state_->guard([&] { jpeg_finish_decompress(&state_->cinfo); });
  if (!finished) state_->tail_is_unreadable = true;
}

std::uint32_t JpegReader::output_width() const { return state_->cinfo.output_width; }
std::uint32_t JpegReader::output_height() const { return state_->cinfo.output_height; }
std::uint32_t JpegReader::rows_read() const { return state_->cinfo.output_scanline; }

Status JpegReader::damage() const {
  const State& state = *state_;
  const std::string detail = state.first_damage[0] ? quote(state.first_damage) : "";
  if (state.contradicts) return fail(corrupt_error("JPEG", detail));
  if (state.starved) return fail(truncated_error("JPEG", detail));
  if (!state.lacks_scans()) return {};
  constexpr const char* kScans = "whole scans are missing";
  return fail(state.reached_end ? truncated_error("JPEG", kScans) : corrupt_error("JPEG", kScans));
}

std::vector<std::string> JpegReader::warnings() const {
  std::vector<std::string> warnings;
  if (!damage()) return warnings;  // said already, and worse
  if (state_->reached_end) warnings.push_back("the JPEG's end marker is missing; the picture is whole");
  if (state_->has_stray_bytes) warnings.push_back("the JPEG has stray bytes between its parts; they are left out");
  if (state_->has_odd_header) warnings.push_back("the JPEG's header has odd values that do not change the picture");
  if (state_->tail_is_unreadable)
    warnings.push_back("the JPEG's data after the picture are unreadable; the picture is whole");
  return warnings;
}

}  // namespace tintype
