#include <libexif/exif-data.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "codec/exif_orientation.h"
#include "codec/metadata.h"
#include "core/base/time_text.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxExifBytes = 1u << 20;
constexpr std::size_t kMaxTextBytes = 64;

struct ExifDataDeleter {
  void operator()(ExifData* data) const { exif_data_unref(data); }
};
using ExifDataHandle = std::unique_ptr<ExifData, ExifDataDeleter>;

class Fields {
 public:
  explicit Fields(ExifData& data) : data_(data), order_(exif_data_get_byte_order(&data)) {}

  // Printable ASCII, blanks at the ends taken off, cut to 64 bytes; anything else in it becomes '?'.
  std::string text(ExifIfd directory, int tag) const {
    const ExifEntry* entry = find(directory, tag, EXIF_FORMAT_ASCII);
    if (!entry) return "";
    std::string_view raw(reinterpret_cast<const char*>(entry->data), entry->size);
    raw = raw.substr(0, raw.find('\0'));
    while (!raw.empty() && raw.back() == ' ') raw.remove_suffix(1);
    while (!raw.empty() && raw.front() == ' ') raw.remove_prefix(1);
    std::string clean(raw.substr(0, kMaxTextBytes));
    for (char& c : clean)
      if (c < ' ' || c > '~') c = '?';
    return clean;
  }

  std::optional<int> number(ExifIfd directory, int tag) const {
    const ExifEntry* entry = find(directory, tag, EXIF_FORMAT_SHORT);
    if (!entry || entry->size < 2) return std::nullopt;
    return exif_get_short(entry->data, order_);
  }

  // The `index`th rational of the tag; nothing if its denominator is zero.
  std::optional<ExifRational> rational(ExifIfd directory, int tag, std::size_t index = 0) const {
    const ExifEntry* entry = find(directory, tag, EXIF_FORMAT_RATIONAL);
    if (!entry || entry->size < 8 * (index + 1)) return std::nullopt;
    const ExifRational value = exif_get_rational(entry->data + 8 * index, order_);
    if (value.denominator == 0) return std::nullopt;
    return value;
  }

 private:
  const ExifEntry* find(ExifIfd directory, int tag, ExifFormat format) const {
    const ExifEntry* entry = exif_content_get_entry(data_.ifd[directory], static_cast<ExifTag>(tag));
    return entry && entry->data && entry->format == format ? entry : nullptr;
  }

  ExifData& data_;
  ExifByteOrder order_;
};

double value_of(ExifRational rational) { return double(rational.numerator) / rational.denominator; }

// 2.8 as "2.8", 35 as "35".
std::string short_decimal(double value) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.1f", value);
  std::string decimal(text.data());
  if (decimal.ends_with(".0")) decimal.resize(decimal.size() - 2);
  return decimal;
}

// When the picture was taken, where that is said; else when it was made digital; else when the file was written.
struct DateTags {
  ExifIfd directory;
  int date;
  int offset;
};
constexpr DateTags kDates[] = {
    {EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_ORIGINAL, EXIF_TAG_OFFSET_TIME_ORIGINAL},
    {EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_DIGITIZED, EXIF_TAG_OFFSET_TIME_DIGITIZED},
    {EXIF_IFD_0, EXIF_TAG_DATE_TIME, EXIF_TAG_OFFSET_TIME},
};

// As EXIF has it, "2024:05:17 09:30:00", also of "2024-05-17T09:30:00.25", as programs write that are used to other
// standards; empty for anything else.
std::string exif_date(std::string_view date) {
  constexpr std::size_t kChars = 19;
  if (date.size() < kChars || (date.size() > kChars && date[kChars] != '.')) return "";
  const auto is_one_of = [&](std::size_t at, std::string_view chars) { return chars.contains(date[at]); };
  if (!is_one_of(4, ":-") || !is_one_of(7, ":-") || !is_one_of(10, " T")) return "";
  std::string plain(date.substr(0, kChars));
  plain[4] = plain[7] = ':';
  plain[10] = ' ';
  return plain;
}

// "+02:00", also of "+0200"; "+00:00" of "Z".
std::string exif_offset(std::string offset) {
  if (offset == "Z") return "+00:00";
  if (offset.size() == 5) offset.insert(3, ":");
  return offset.size() == 6 ? offset : "";
}

// Nothing for blanks, zeros and impossible dates.
std::optional<UnixMs> parse_date(std::string date, const std::string& offset) {
  if (date.empty()) return std::nullopt;
  date[4] = date[7] = '-';
  date[10] = 'T';
  const Result<UnixMs> time = parse_time(date + offset);
  return time ? std::optional(*time) : std::nullopt;
}

void read_date(const Fields& fields, Metadata& metadata) {
  for (const DateTags& tags : kDates) {
    const std::string date = exif_date(fields.text(tags.directory, tags.date));
    const std::optional<UnixMs> as_utc = parse_date(date, "Z");
    if (!as_utc) continue;
    metadata.taken_text = date;
    metadata.taken_at_ms = as_utc;
    const std::string offset = exif_offset(fields.text(EXIF_IFD_EXIF, tags.offset));
    const std::optional<UnixMs> exact = offset.empty() ? std::nullopt : parse_date(date, offset);
    if (!exact) return;
    metadata.taken_offset = offset;
    metadata.taken_at_ms = exact;
    return;
  }
}

std::optional<double> read_angle(const Fields& fields, int tag, int reference_tag, char negative, double limit) {
  double degrees = 0;
  double unit = 1;
  for (std::size_t i = 0; i < 3; ++i, unit /= 60) {
    const std::optional<ExifRational> part = fields.rational(EXIF_IFD_GPS, tag, i);
    if (!part) return std::nullopt;
    degrees += value_of(*part) * unit;
  }
  if (degrees > limit) return std::nullopt;
  return fields.text(EXIF_IFD_GPS, reference_tag).starts_with(negative) ? -degrees : degrees;
}

void read_position(const Fields& fields, Metadata& metadata) {
  const auto latitude = read_angle(fields, EXIF_TAG_GPS_LATITUDE, EXIF_TAG_GPS_LATITUDE_REF, 'S', 90);
  const auto longitude = read_angle(fields, EXIF_TAG_GPS_LONGITUDE, EXIF_TAG_GPS_LONGITUDE_REF, 'W', 180);
  if (!latitude || !longitude) return;
  metadata.latitude = latitude;
  metadata.longitude = longitude;
}

void read_camera(const Fields& fields, Metadata& metadata) {
  metadata.make = fields.text(EXIF_IFD_0, EXIF_TAG_MAKE);
  metadata.model = fields.text(EXIF_IFD_0, EXIF_TAG_MODEL);
  metadata.lens = fields.text(EXIF_IFD_EXIF, EXIF_TAG_LENS_MODEL);
  metadata.iso = fields.number(EXIF_IFD_EXIF, EXIF_TAG_ISO_SPEED_RATINGS);
  if (const auto time = fields.rational(EXIF_IFD_EXIF, EXIF_TAG_EXPOSURE_TIME); time && time->numerator != 0) {
    const double seconds = value_of(*time);
    metadata.exposure = seconds < 0.3 ? "1/" + std::to_string(std::lround(1 / seconds)) : short_decimal(seconds);
  }
  if (const auto number = fields.rational(EXIF_IFD_EXIF, EXIF_TAG_FNUMBER); number && number->numerator != 0)
    metadata.aperture = "f/" + short_decimal(value_of(*number));
  if (const auto length = fields.rational(EXIF_IFD_EXIF, EXIF_TAG_FOCAL_LENGTH); length && length->numerator != 0)
    metadata.focal_length = short_decimal(value_of(*length)) + " mm";
}

}  // namespace

void read_exif(ByteView exif, Metadata& metadata, std::uint8_t& orientation) {
  orientation = exif_orientation(exif);
  if (exif.size() < 8 || exif.size() > kMaxExifBytes) return;
  // libexif wants the prefix that JPEG puts before the TIFF header.
  constexpr std::string_view kPrefix("Exif\0\0", 6);
  Bytes prefixed(kPrefix.size() + exif.size());
  std::memcpy(prefixed.data(), kPrefix.data(), kPrefix.size());
  std::memcpy(prefixed.data() + kPrefix.size(), exif.data(), exif.size());
  const ExifDataHandle data(exif_data_new());
  if (!data) return;
  // Its own repairs would add tags that the file does not have.
  exif_data_unset_option(data.get(), EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
  exif_data_load_data(data.get(), prefixed.data(), static_cast<unsigned>(prefixed.size()));
  const Fields fields(*data);
  read_date(fields, metadata);
  read_position(fields, metadata);
  read_camera(fields, metadata);
}

}  // namespace tintype
