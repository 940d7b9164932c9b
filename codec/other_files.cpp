#include "codec/other_files.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace tintype {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  std::string_view name;
};

// Pictures, but not ours to decode.
constexpr Signature kOtherPictures[] = {
    {4, "ftyphei"sv, "HEIC"},
    {4, "ftyphev"sv, "HEIC"},
    {4, "ftypmif1"sv, "HEIF"},
    {4, "ftypmsf1"sv, "HEIF"},
    {0, "\xFF\x0A"sv, "JPEG XL"},
    {4, "JXL \r\n"sv, "JPEG XL"},
    {4, "jP  \r\n"sv, "JPEG 2000"},
    {0, "\xFF\x4F\xFF\x51"sv, "JPEG 2000"},
    {0, "II*\0"sv, "TIFF or raw camera"},
    {0, "MM\0*"sv, "TIFF or raw camera"},
    {0, "8BPS"sv, "Photoshop"},
    {0, "qoif"sv, "QOI"},
    {0, "II+\0"sv, "TIFF"},
    {0, "MM\0+"sv, "TIFF"},
    {0, "FUJIFILMCCD-RAW"sv, "raw camera"},
    {4, "ftypcrx "sv, "raw camera"},  // Canon
    {0, "IIU\0"sv, "raw camera"},     // Panasonic, Leica
    {0, "IIRO"sv, "raw camera"},      // Olympus
    {0, "IIRS"sv, "raw camera"},
    {0, "MMOR"sv, "raw camera"},
    {0, "\x76\x2F\x31\x01"sv, "OpenEXR"},
};

constexpr Signature kOtherFiles[] = {
    {0, "%PDF-"sv, "a PDF document"},
    {0, "PK\x03\x04"sv, "a ZIP archive or office document"},
    {0, "\x1F\x8B"sv, "a gzip archive"},
    {0, "Rar!"sv, "a RAR archive"},
    {0, "7z\xBC\xAF"sv, "a 7-Zip archive"},
    {0,
     "\x7F"
     "ELF"sv,
     "a program"},
    {4, "ftyp"sv, "a film"},
    {0, "\x1A\x45\xDF\xA3"sv, "a film"},
};

bool matches(ByteView file, const Signature& signature) {
  return file.size() >= signature.offset && as_text(file).substr(signature.offset).starts_with(signature.bytes);
}

// "BM" alone is also how some texts begin: a bitmap's reserved field is zero and its header size a known one.
bool is_bmp(ByteView file) {
  return file.size() >= 16 && file[0] == 'B' && file[1] == 'M' && file[6] == 0 && file[7] == 0 && file[8] == 0 &&
         file[9] == 0 && file[15] == 0 && file[14] >= 12 && file[14] <= 124;
}

std::string_view other_picture_name(ByteView file) {
  for (const Signature& signature : kOtherPictures)
    if (matches(file, signature)) return signature.name;
  return is_bmp(file) ? "BMP" : std::string_view();
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower_prefix) {
  return text.size() >= lower_prefix.size() &&
         std::equal(lower_prefix.begin(), lower_prefix.end(), text.begin(),
                    [](char lower, char c) { return lower == std::tolower(static_cast<unsigned char>(c)); });
}

std::string_view describe_text(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  if (starts_with_ignoring_case(text, "<svg")) return "an SVG drawing";
  if (starts_with_ignoring_case(text, "<?xml")) return "an SVG drawing or another XML document";
  if (starts_with_ignoring_case(text, "<!doctype html") || starts_with_ignoring_case(text, "<html"))
    return "an HTML page";
  return "text";
}

std::string_view describe(ByteView file) {
  for (const Signature& signature : kOtherFiles)
    if (matches(file, signature)) return signature.name;
  const ByteView head = file.first(std::min<std::size_t>(file.size(), 512));
  if (std::ranges::all_of(head, [](std::uint8_t byte) { return byte == 0; })) return "nothing but zeros";
  const auto is_text = [](std::uint8_t byte) {
    return byte >= 0x20 ? byte != 0x7F : byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
  };
  return std::ranges::all_of(head, is_text) ? describe_text(as_text(head)) : "data of an unknown kind";
}

}  // namespace

bool is_other_picture(ByteView first_bytes) { return !other_picture_name(first_bytes).empty(); }

Error describe_other_file(ByteView file) {
  if (const std::string_view name = other_picture_name(file); !name.empty())
    return {ErrorCode::kUnsupportedImage,
            "it is a " + std::string(name) + " picture, which is not taken; save it as JPEG, PNG, WebP, AVIF or GIF"};
  return {ErrorCode::kNotAnImage,
          "it looks like " + std::string(describe(file)) + ", not a JPEG, PNG, WebP, AVIF or GIF picture"};
}

}  // namespace tintype
