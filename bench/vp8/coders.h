// The encoders that are compared, and what their files are worth.
#pragma once

#include <string>
#include <vector>

#include "bench/vp8/judge.h"
#include "bench/vp8/pictures.h"
#include "core/base/bytes.h"

namespace tintype::bench {

struct Coder {
  std::string name;
  bool is_libwebp = false;
  int effort = 0;  // libwebp's -m, or ours
};

std::vector<Coder> every_coder();

struct CodedFile {
  Bytes bytes;
  double cpu_seconds = 0;  // user and sys, of the encoding from planes alone
};

Result<CodedFile> encode_with(const Coder& coder, const BenchPicture& picture, int quality);

struct Worth {
  double ssimulacra2 = 0;  // against the pixels
  double psnr = 0;         // of all samples of the planes
};

Result<Worth> worth_of(const CodedFile& file, const BenchPicture& picture, const Judge& judge);

}  // namespace tintype::bench
