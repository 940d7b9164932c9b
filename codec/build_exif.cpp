#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/metadata.h"

namespace tintype {
namespace {

// Field types (TIFF 6.0, section 2) and tags (EXIF 2.32, 4.6).
enum Type : std::uint16_t { kByte = 1, kAscii = 2, kShort = 3, kLong = 4, kRational = 5, kUndefined = 7 };
enum Tag : std::uint16_t {
  kGpsVersion = 0x0000,
  kGpsLatitudeRef = 0x0001,
  kGpsLatitude = 0x0002,
  kGpsLongitudeRef = 0x0003,
  kGpsLongitude = 0x0004,
  kMake = 0x010F,
  kModel = 0x0110,
  kExposureTime = 0x829A,
  kFNumber = 0x829D,
  kExifDirectory = 0x8769,
  kGpsDirectory = 0x8825,
  kSensitivity = 0x8827,
  kExifVersion = 0x9000,
  kDateTimeOriginal = 0x9003,
  kOffsetTimeOriginal = 0x9011,
  kFocalLength = 0x920A,
  kLensModel = 0xA434,
};

constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kEntryBytes = 12;

struct Fraction {
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 1;
};

void append(std::vector<std::uint8_t>& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// One directory: entries in ascending order of tags, each value little-endian.
class Directory {
 public:
  void add(Tag tag, Type type, std::uint32_t count, std::vector<std::uint8_t> value) {
    entries_.push_back({tag, type, count, std::move(value)});
  }
  void add_text(Tag tag, const std::string& text) {
    if (text.empty()) return;
    std::vector<std::uint8_t> value(text.begin(), text.end());
    value.push_back(0);
    const auto count = static_cast<std::uint32_t>(value.size());
    add(tag, kAscii, count, std::move(value));
  }
  void add_number(Tag tag, Type type, std::uint32_t number) {
    std::vector<std::uint8_t> value;
    append(value, number, type == kShort ? 2 : 4);
    add(tag, type, 1, std::move(value));
  }
  void add_fractions(Tag tag, std::initializer_list<Fraction> fractions) {
    std::vector<std::uint8_t> value;
    for (const Fraction& fraction : fractions) {
      append(value, fraction.numerator, 4);
      append(value, fraction.denominator, 4);
    }
    add(tag, kRational, static_cast<std::uint32_t>(fractions.size()), std::move(value));
  }

  bool empty() const { return entries_.empty(); }
  // Of the directory and of the values that do not fit in their entries.
  std::size_t size() const {
    std::size_t bytes = 2 + kEntryBytes * entries_.size() + 4;
    for (const Entry& entry : entries_) bytes += outside_bytes(entry);
    return bytes;
  }
  void write(std::vector<std::uint8_t>& out) const {
    std::size_t outside = out.size() + 2 + kEntryBytes * entries_.size() + 4;
    append(out, static_cast<std::uint32_t>(entries_.size()), 2);
    for (const Entry& entry : entries_) {
      append(out, entry.tag, 2);
      append(out, entry.type, 2);
      append(out, entry.count, 4);
      if (outside_bytes(entry) > 0) {
        append(out, static_cast<std::uint32_t>(outside), 4);
        outside += outside_bytes(entry);
      } else {
        std::vector<std::uint8_t> inside = entry.value;
        inside.resize(4);
        out.insert(out.end(), inside.begin(), inside.end());
      }
    }
    append(out, 0, 4);  // no further directory
    for (const Entry& entry : entries_) {
      if (outside_bytes(entry) == 0) continue;
      out.insert(out.end(), entry.value.begin(), entry.value.end());
      if (entry.value.size() % 2 != 0) out.push_back(0);  // values begin on even offsets
    }
  }

 private:
  struct Entry {
    Tag tag;
    Type type;
    std::uint32_t count;
    std::vector<std::uint8_t> value;
  };
  static std::size_t outside_bytes(const Entry& entry) {
    return entry.value.size() <= 4 ? 0 : (entry.value.size() + 1) / 2 * 2;
  }

  std::vector<Entry> entries_;
};

std::optional<double> parse_decimal(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > 1e6) return std::nullopt;
  return value;
}

// "1/250" or "0.5".
std::optional<Fraction> parse_exposure(std::string_view text) {
  if (text.starts_with("1/")) {
    const std::optional<double> below = parse_decimal(text.substr(2));
    if (!below || *below < 1) return std::nullopt;
    return Fraction{1, static_cast<std::uint32_t>(std::lround(*below))};
  }
  const std::optional<double> seconds = parse_decimal(text);
  if (!seconds) return std::nullopt;
  return Fraction{static_cast<std::uint32_t>(std::lround(*seconds * 10)), 10};
}

// "f/2.8" with prefix "f/", "35 mm" with suffix " mm".
std::optional<Fraction> parse_tenths(std::string_view text, std::string_view prefix, std::string_view suffix) {
  if (!text.starts_with(prefix) || !text.ends_with(suffix) || text.size() < prefix.size() + suffix.size())
    return std::nullopt;
  const auto value = parse_decimal(text.substr(prefix.size(), text.size() - prefix.size() - suffix.size()));
  if (!value) return std::nullopt;
  return Fraction{static_cast<std::uint32_t>(std::lround(*value * 10)), 10};
}

void add_angle(Directory& gps, Tag reference, Tag tag, double angle, const char* positive, const char* negative) {
  constexpr std::uint32_t kSecondParts = 10'000;  // 3 mm on the ground
  const auto parts = static_cast<std::uint64_t>(std::llround(std::abs(angle) * 3600 * kSecondParts));
  const std::uint64_t degree = std::uint64_t{3600} * kSecondParts;
  const std::uint64_t minute = std::uint64_t{60} * kSecondParts;
  gps.add_text(reference, angle < 0 ? negative : positive);
  gps.add_fractions(tag, {{static_cast<std::uint32_t>(parts / degree), 1},
                          {static_cast<std::uint32_t>(parts % degree / minute), 1},
                          {static_cast<std::uint32_t>(parts % minute), kSecondParts}});
}

Directory exif_directory(const Metadata& metadata, const MetadataPolicy& policy) {
  Directory exif;
  if (policy.camera) {
    if (const auto time = parse_exposure(metadata.exposure)) exif.add_fractions(kExposureTime, {*time});
    if (const auto number = parse_tenths(metadata.aperture, "f/", "")) exif.add_fractions(kFNumber, {*number});
    if (metadata.iso && *metadata.iso > 0)
      exif.add_number(kSensitivity, kShort, static_cast<std::uint32_t>(std::min(*metadata.iso, 0xFFFF)));
  }
  const bool has_date = policy.date && !metadata.taken_text.empty();
  const bool has_more = has_date || (policy.camera && !(metadata.lens.empty() && metadata.focal_length.empty()));
  if (exif.empty() && !has_more) return exif;
  exif.add(kExifVersion, kUndefined, 4, {'0', '2', '3', '2'});
  if (has_date) {
    exif.add_text(kDateTimeOriginal, metadata.taken_text);
    exif.add_text(kOffsetTimeOriginal, metadata.taken_offset);
  }
  if (policy.camera) {
    if (const auto length = parse_tenths(metadata.focal_length, "", " mm")) exif.add_fractions(kFocalLength, {*length});
    exif.add_text(kLensModel, metadata.lens);
  }
  return exif;
}

Directory gps_directory(const Metadata& metadata, const MetadataPolicy& policy) {
  Directory gps;
  if (!policy.gps || !metadata.latitude || !metadata.longitude) return gps;
  gps.add(kGpsVersion, kByte, 4, {2, 3, 0, 0});
  add_angle(gps, kGpsLatitudeRef, kGpsLatitude, *metadata.latitude, "N", "S");
  add_angle(gps, kGpsLongitudeRef, kGpsLongitude, *metadata.longitude, "E", "W");
  return gps;
}

}  // namespace

Bytes build_exif(const Metadata& metadata, const MetadataPolicy& policy) {
  const Directory exif = exif_directory(metadata, policy);
  const Directory gps = gps_directory(metadata, policy);
  const auto make_main = [&](std::size_t exif_offset, std::size_t gps_offset) {
    Directory main;
    if (policy.camera) {
      main.add_text(kMake, metadata.make);
      main.add_text(kModel, metadata.model);
    }
    if (!exif.empty()) main.add_number(kExifDirectory, kLong, static_cast<std::uint32_t>(exif_offset));
    if (!gps.empty()) main.add_number(kGpsDirectory, kLong, static_cast<std::uint32_t>(gps_offset));
    return main;
  };
  // The main directory's size does not depend on the offsets in it, so it is measured first.
  const Directory measured = make_main(0, 0);
  if (measured.empty()) return {};
  const std::size_t exif_offset = kHeaderBytes + measured.size();
  const std::size_t gps_offset = exif_offset + (exif.empty() ? 0 : exif.size());

  std::vector<std::uint8_t> out = {'I', 'I', '*', 0, kHeaderBytes, 0, 0, 0};
  make_main(exif_offset, gps_offset).write(out);
  if (!exif.empty()) exif.write(out);
  if (!gps.empty()) gps.write(out);
  return Bytes::copy_of(out);
}

}  // namespace tintype
