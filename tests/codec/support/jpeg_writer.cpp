#include "tests/codec/support/jpeg_writer.h"

#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>
#include <lcms2.h>

#include <cstring>
#include <vector>

namespace tintype::testing {
namespace {

J_COLOR_SPACE input_space(JpegColour colour) {
  switch (colour) {
    case JpegColour::kGray:
      return JCS_GRAYSCALE;
    case JpegColour::kCmyk:
    case JpegColour::kYcck:
      return JCS_CMYK;
    default:
      return JCS_RGB;
  }
}

J_COLOR_SPACE coded_space(JpegColour colour) {
  switch (colour) {
    case JpegColour::kYcc:
      return JCS_YCbCr;
    case JpegColour::kRgb:
      return JCS_RGB;
    case JpegColour::kGray:
      return JCS_GRAYSCALE;
    case JpegColour::kCmyk:
      return JCS_CMYK;
    case JpegColour::kYcck:
      return JCS_YCCK;
  }
  return JCS_UNKNOWN;
}

std::vector<std::uint8_t> input_row(const std::uint8_t* rgb, std::uint32_t width, JpegColour colour) {
  std::vector<std::uint8_t> row;
  for (std::uint32_t x = 0; x < width; ++x, rgb += 3) {
    if (colour == JpegColour::kGray) {
      row.push_back(rgb[0]);
      continue;
    }
    row.insert(row.end(), rgb, rgb + 3);
    if (colour == JpegColour::kCmyk || colour == JpegColour::kYcck) row.push_back(255);
  }
  return row;
}

Bytes save_profile(cmsHPROFILE profile) {
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  Bytes icc(size);
  cmsSaveProfileToMem(profile, icc.data(), &size);
  cmsCloseProfile(profile);
  return icc;
}

}  // namespace

Bytes write_jpeg(const Image& image, const JpegKind& kind) {
  jpeg_compress_struct cinfo{};
  jpeg_error_mgr errors;
  cinfo.err = jpeg_std_error(&errors);
  jpeg_create_compress(&cinfo);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&cinfo, &buffer, &size);
  cinfo.image_width = image.width;
  cinfo.image_height = image.height;
  cinfo.in_color_space = input_space(kind.colour);
  cinfo.input_components = cinfo.in_color_space == JCS_GRAYSCALE ? 1 : cinfo.in_color_space == JCS_CMYK ? 4 : 3;
  jpeg_set_defaults(&cinfo);
  jpeg_set_colorspace(&cinfo, coded_space(kind.colour));
  jpeg_set_quality(&cinfo, kind.quality, TRUE);
  if (kind.colour == JpegColour::kYcc || kind.colour == JpegColour::kYcck) {
    cinfo.comp_info[0].h_samp_factor = kind.horizontal;
    cinfo.comp_info[0].v_samp_factor = kind.vertical;
    if (kind.colour == JpegColour::kYcck) {
      cinfo.comp_info[3].h_samp_factor = kind.horizontal;
      cinfo.comp_info[3].v_samp_factor = kind.vertical;
    }
  }
  jpeg_scan_info scans[MAX_COMPONENTS];
  if (kind.progressive) jpeg_simple_progression(&cinfo);
  if (kind.one_scan_a_component) {
    for (int i = 0; i < cinfo.num_components; ++i) scans[i] = {1, {i}, 0, 63, 0, 0};
    cinfo.scan_info = scans;
    cinfo.num_scans = cinfo.num_components;
  }
  cinfo.arith_code = kind.arithmetic;
  cinfo.restart_in_rows = kind.restart_rows;
  cinfo.optimize_coding = !kind.arithmetic;
  jpeg_start_compress(&cinfo, TRUE);
  if (!kind.exif.empty()) {
    std::vector<std::uint8_t> segment = {'E', 'x', 'i', 'f', 0, 0};
    segment.insert(segment.end(), kind.exif.begin(), kind.exif.end());
    jpeg_write_marker(&cinfo, JPEG_APP0 + 1, segment.data(), static_cast<unsigned>(segment.size()));
  }
  if (!kind.icc.empty()) jpeg_write_icc_profile(&cinfo, kind.icc.data(), static_cast<unsigned>(kind.icc.size()));
  for (std::uint32_t y = 0; y < image.height; ++y) {
    std::vector<std::uint8_t> row = input_row(image.row(y), image.width, kind.colour);
    JSAMPROW rows[] = {row.data()};
    jpeg_write_scanlines(&cinfo, rows, 1);
  }
  jpeg_finish_compress(&cinfo);
  jpeg_destroy_compress(&cinfo);
  Bytes file = Bytes::copy_of({buffer, size});
  std::free(buffer);
  return file;
}

Bytes exif_with_orientation(std::uint16_t orientation, bool big_endian) {
  const auto value = static_cast<std::uint8_t>(orientation);
  const std::vector<std::uint8_t> little = {'I', 'I', '*', 0, 8, 0,     0, 0, 1, 0, 0x12, 0x01, 3,
                                            0,   1,   0,   0, 0, value, 0, 0, 0, 0, 0,    0,    0};
  const std::vector<std::uint8_t> big = {'M', 'M', 0, '*', 0, 0, 0,     8, 0, 1, 0x01, 0x12, 0,
                                         3,   0,   0, 0,   1, 0, value, 0, 0, 0, 0,    0,    0};
  return Bytes::copy_of(big_endian ? big : little);
}

Bytes srgb_profile() { return save_profile(cmsCreate_sRGBProfile()); }

Bytes p3_profile() {
  const cmsCIExyY white = {0.3127, 0.3290, 1};
  const cmsCIExyYTRIPLE primaries = {{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
  const cmsFloat64Number srgb[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  cmsToneCurve* curve = cmsBuildParametricToneCurve(nullptr, 4, srgb);
  cmsToneCurve* curves[] = {curve, curve, curve};
  Bytes icc = save_profile(cmsCreateRGBProfile(&white, &primaries, curves));
  cmsFreeToneCurve(curve);
  return icc;
}

Bytes linear_gray_profile() {
  cmsToneCurve* curve = cmsBuildGamma(nullptr, 1.0);
  Bytes icc = save_profile(cmsCreateGrayProfile(cmsD50_xyY(), curve));
  cmsFreeToneCurve(curve);
  return icc;
}

}  // namespace tintype::testing
