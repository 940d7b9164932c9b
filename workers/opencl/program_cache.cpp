#include "workers/opencl/program_cache.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/digest.h"

namespace tintype {
namespace {

constexpr std::size_t kDigestBytes = 64;  // in hexadecimal, before the binary

}  // namespace

std::string ProgramCache::key(const OpenClDevice& device, std::string_view options, std::string_view source) const {
  std::string all;
  for (const std::string_view part : {std::string_view(device.platform_name), std::string_view(device.name),
                                      std::string_view(device.driver), options, source}) {
    all += part;
    all += '\0';
  }
  return to_hex(sha256(as_bytes(all)));
}

Bytes ProgramCache::find(const std::string& key) const {
  if (folder_.empty()) return {};
  std::ifstream file(folder_ + "/" + key + ".clbin", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.size() <= kDigestBytes) return {};
  const ByteView binary = as_bytes(std::string_view(text).substr(kDigestBytes));
  if (to_hex(sha256(binary)) != text.substr(0, kDigestBytes)) return {};
  return Bytes::copy_of(binary);
}

void ProgramCache::keep(const std::string& key, ByteView binary) const {
  if (folder_.empty() || binary.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(folder_, ignored);
  const std::string path = folder_ + "/" + key + ".clbin", partial = path + "." + std::to_string(::getpid());
  bool written = false;
  {
    std::ofstream file(partial, std::ios::binary | std::ios::trunc);
    file << to_hex(sha256(binary)) << as_text(binary);
    written = file.flush().good();
  }
  if (written) std::filesystem::rename(partial, path, ignored);
  if (!written || ignored) std::filesystem::remove(partial, ignored);
}

}  // namespace tintype
