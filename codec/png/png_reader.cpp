#include "codec/png/png_reader.h"

#include <png.h>

#include <cmath>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

#include "codec/colour/profile.h"
#include "codec/cursor.h"
#include "codec/damage.h"
#include "codec/exif_orientation.h"

namespace tintype {
namespace {

// Bounds what one chunk may make libpng allocate; the picture's own rows do not count.
constexpr png_alloc_size_t kMaxChunkBytes = kMaxProfileBytes;

constexpr std::size_t kTolerantPieceBytes = 256;

// Text and suggestions that no variant carries: not even inflated.
constexpr png_byte kIgnoredChunks[] = {'t', 'E', 'X', 't', 0, 'z', 'T', 'X', 't', 0, 'i', 'T', 'X', 't', 0,
                                       's', 'P', 'L', 'T', 0, 'h', 'I', 'S', 'T', 0, 't', 'I', 'M', 'E', 0};

constexpr double kSrgbGamma = 1 / 2.2;  // about

// Of a file that says nothing else of its colours.
std::optional<double> gamma_of(png_structp png, png_infop info) {
  double gamma = 0;
  if (png_get_valid(png, info, PNG_INFO_iCCP | PNG_INFO_sRGB | PNG_INFO_cICP) != 0) return std::nullopt;
  if (png_get_gAMA(png, info, &gamma) != PNG_INFO_gAMA) return std::nullopt;
  return gamma;
}

bool is_absurd(double gamma) { return gamma < 0.1 || gamma > 10; }

}  // namespace

struct PngReader::State {
  explicit State(ByteView file) : in(file) {}
  ~State() { png_destroy_read_struct(&png, &info, nullptr); }
  static State& of(png_structp p) { return *static_cast<State*>(png_get_io_ptr(p)); }

  // Runs calls into libpng. Neither `calls` nor what it calls may own anything: an error jumps over them.
  template <typename Calls>
  Status guard(Calls calls) {
    if (setjmp(jump) != 0) return fail(error());
    calls();
    return {};
  }
  Error error() const {
    const std::string text = "libpng: " + std::string(message);
    if (out_of_memory) return {ErrorCode::kOutOfMemory, "not enough memory to decode the PNG (" + text + ")"};
    return reached_end ? truncated_error("PNG", text) : corrupt_error("PNG", text);
  }
  // Inside the picture's data, not behind them in front of the next chunk.
  bool is_in_picture_data() const {
    const bool at_next_chunk = (png_get_io_state(png) & PNG_IO_MASK_LOC) == PNG_IO_CHUNK_HDR;
    return png_get_io_chunk_type(png) == four_letters("IDAT") && !at_next_chunk;
  }

  Cursor in;
  png_structp png = nullptr;
  png_infop info = nullptr;
  jmp_buf jump{};
  std::uint32_t rows_read = 0;

  // Plain data, because it is written by callbacks of C.
  bool reached_end = false;
  bool out_of_memory = false;
  bool had_bad_checksum = false;
  bool gamma_is_absurd = false;
  bool had_bad_profile = false;  // or one that libpng only frowns on
  char message[128] = {};
};

PngReader::PngReader(ByteView file) : state_(std::make_unique<State>(file)) {}
PngReader::~PngReader() = default;

Result<PngHeader> PngReader::read_header(std::uint32_t max_width, std::uint32_t max_height, bool tolerant) {
  State& state = *state_;
  // Errors can come before png_set_read_fn(), so the state travels as libpng's error pointer as well.
  state.png = png_create_read_struct(
      PNG_LIBPNG_VER_STRING, &state,
      [](png_structp png, png_const_charp text) {
        State& self = *static_cast<State*>(png_get_error_ptr(png));
        std::snprintf(self.message, sizeof self.message, "%s", text);
        const std::string_view view(text);
        self.out_of_memory = view.find("memory") != view.npos;
        std::longjmp(self.jump, 1);
      },
      [](png_structp png, png_const_charp text) {
        State& self = *static_cast<State*>(png_get_error_ptr(png));
        if (std::string_view(text) == "IDAT: CRC error") self.had_bad_checksum = true;
        if (std::string_view(text).starts_with("iCCP:")) self.had_bad_profile = true;
      });
  if (state.png == nullptr) return fail(ErrorCode::kOutOfMemory, "not enough memory to decode the PNG");
  png_byte stored_type = 0;
  TT_TRY(state.guard([&] {
    state.info = png_create_info_struct(state.png);
    if (state.info == nullptr) png_error(state.png, "out of memory");
    png_set_read_fn(state.png, &state, [](png_structp png, png_bytep to, std::size_t count) {
      State& self = State::of(png);
      const ByteView bytes = self.in.take(count);
      if (self.in.failed()) {
        self.reached_end = true;
        png_error(png, "the file ends here");
      }
      std::memcpy(to, bytes.data(), count);
    });
    png_set_user_limits(state.png, max_width, max_height);
    png_set_chunk_malloc_max(state.png, kMaxChunkBytes);
    png_set_keep_unknown_chunks(state.png, PNG_HANDLE_CHUNK_NEVER, kIgnoredChunks, sizeof kIgnoredChunks / 5);
    if (tolerant) {
      png_set_crc_action(state.png, PNG_CRC_WARN_USE, PNG_CRC_WARN_DISCARD);
      // libpng inflates in pieces of this size, and a piece that the file's end cuts gives no rows.
      png_set_compression_buffer_size(state.png, kTolerantPieceBytes);
    }
    png_read_info(state.png, state.info);
    stored_type = png_get_color_type(state.png, state.info);

    const std::optional<double> gamma = gamma_of(state.png, state.info);
    state.gamma_is_absurd = gamma && is_absurd(*gamma);
    if (gamma && !state.gamma_is_absurd && std::abs(*gamma - kSrgbGamma) > 0.05)
      png_set_gamma(state.png, 1 / kSrgbGamma, *gamma);
    png_set_expand(state.png);  // palettes, 1 to 4 bits and transparent colours become 8-bit channels
    png_set_scale_16(state.png);
    png_set_gray_to_rgb(state.png);
    png_set_interlace_handling(state.png);
    png_read_update_info(state.png, state.info);
  }));
  PngHeader header;
  header.width = png_get_image_width(state.png, state.info);
  header.height = png_get_image_height(state.png, state.info);
  header.channels = png_get_channels(state.png, state.info);
  header.is_gray = (stored_type & PNG_COLOR_MASK_COLOR) == 0;
  return header;
}

Status PngReader::read_image(Image& image) {
  State& state = *state_;
  const bool interlaced = png_get_interlace_type(state.png, state.info) != PNG_INTERLACE_NONE;
  const int passes = interlaced ? PNG_INTERLACE_ADAM7_PASSES : 1;
  // Pixels of passes that never come must not show what the memory held before.
  if (interlaced) fill_missing_rows(image, 0);
  return state.guard([&] {
    for (int pass = 0; pass < passes; ++pass) {
      for (std::uint32_t y = 0; y < image.height; ++y) {
        png_read_row(state.png, image.row(y), nullptr);
        if (pass == 0) state.rows_read = y + 1;
      }
    }
  });
}

Status PngReader::read_end() {
  State& state = *state_;
  const Status end = state.guard([&] { png_read_end(state.png, state.info); });
  if (!end && state.is_in_picture_data()) return end;
  return {};
}

std::uint32_t PngReader::rows_read() const { return state_->rows_read; }
bool PngReader::had_bad_checksum() const { return state_->had_bad_checksum; }
bool PngReader::reached_end() const { return state_->reached_end; }

PngMetadata PngReader::metadata() const {
  State& state = *state_;
  PngMetadata metadata;
  png_charp name = nullptr;
  int compression = 0;
  png_bytep icc = nullptr;
  png_uint_32 icc_size = 0;
  if (png_get_iCCP(state.png, state.info, &name, &compression, &icc, &icc_size) == PNG_INFO_iCCP)
    metadata.icc = Bytes::copy_of({icc, icc_size});
  png_bytep exif = nullptr;
  png_uint_32 exif_size = 0;
  if (png_get_eXIf_1(state.png, state.info, &exif_size, &exif) == PNG_INFO_eXIf)
    metadata.exif = Bytes::copy_of(without_exif_prefix({exif, exif_size}));
  png_byte primaries = 0, transfer = 0, matrix = 0, full_range = 0;
  if (png_get_cICP(state.png, state.info, &primaries, &transfer, &matrix, &full_range) == PNG_INFO_cICP)
    metadata.cicp = {primaries, transfer};
  metadata.icc_is_broken = state.had_bad_profile && metadata.icc.empty();
  metadata.gamma_is_absurd = state.gamma_is_absurd;
  return metadata;
}

}  // namespace tintype
