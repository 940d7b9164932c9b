#include "workers/fpga/xclbin_file.h"

#include <xrt/xclbin.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>

namespace tintype {
namespace {

constexpr char kMagic[8] = "xclbin2";

// False: the header or a section lies, or seems to lie, outside.
bool frame_fits(const std::vector<char>& file) {
  ::axlf head;
  if (file.size() < sizeof head) return false;
  std::memcpy(&head, file.data(), sizeof head);
  const std::size_t table = offsetof(::axlf, m_sections);
  if (head.m_header.m_length > file.size() ||
      head.m_header.m_numSections > (file.size() - table) / sizeof(::axlf_section_header))
    return false;
  for (std::size_t i = 0; i < head.m_header.m_numSections; ++i) {
    ::axlf_section_header section;
    std::memcpy(&section, file.data() + table + i * sizeof section, sizeof section);
    if (section.m_sectionOffset > file.size() || section.m_sectionSize > file.size() - section.m_sectionOffset)
      return false;
  }
  return true;
}

}  // namespace

Result<std::vector<char>> read_xclbin_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::kInvalidArgument, std::strerror(errno));
  std::vector<char> file{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad()) return fail(ErrorCode::kInvalidArgument, "reading it failed");
  if (file.size() < sizeof kMagic || std::memcmp(file.data(), kMagic, sizeof kMagic) != 0)
    return fail(ErrorCode::kInvalidArgument, "it does not begin as one");
  if (!frame_fits(file)) return fail(ErrorCode::kInvalidArgument, "it ends before what its header promises");
  return file;
}

}  // namespace tintype
