// probe() on any bytes: no crash, and an answer that holds what it promises.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "codec/probe.h"

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tintype::ByteView file(data, size);
  tintype::looks_like_picture(file.first(size < 16 ? size : 16));
  const tintype::Result<tintype::SourceInfo> info = tintype::probe(file);
  if (!info) {
    must(tintype::is_bad_picture(info.error().code));
    must(!info.error().message.empty());
    return 0;
  }
  must(info->width > 0 && info->height > 0);
  must(info->orientation >= 1 && info->orientation <= 8);
  must(info->channels == 1 || info->channels == 3 || info->channels == 4);
  must(info->bits >= 1 && info->bits <= 16);
  must(info->frames >= 1);
  must(info->bytes == size);
  return 0;
}
