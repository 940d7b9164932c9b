#include "workers/fpga/emulation/xclbin_writer.h"

#include <xclbin.h>

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <format>
#include <vector>

#include "workers/fpga/emulation/card_memory.h"

namespace tintype {
namespace {

constexpr std::uint64_t kFirstUnitAt = 0x800000, kUnitBytes = 0x10000;
constexpr std::uint64_t kMemoryKb = 2 << 20;
constexpr char kPlatform[] = "tintype_emulated_card_1_1";

template <typename T>
void append(std::string& out, const T& plain) {
  out.append(reinterpret_cast<const char*>(&plain), sizeof plain);
}

template <std::size_t kBytes>
void copy_text(std::string_view text, unsigned char (&out)[kBytes]) {
  std::memcpy(out, text.data(), std::min(text.size(), kBytes - 1));
}

// Sections that are a count, padded to where the entries begin, and the entries.
class Table {
 public:
  explicit Table(std::size_t entries_at) : bytes_(entries_at, '\0') {}
  template <typename T>
  void add(const T& entry) {
    append(bytes_, entry);
    ++count_;
    std::memcpy(bytes_.data(), &count_, sizeof count_);
  }
  std::int32_t count() const { return count_; }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::int32_t count_ = 0;
};

std::string argument_xml(const KernelParameter& parameter, std::size_t id) {
  return std::format(
      "<arg name=\"{}\" addressQualifier=\"{}\" id=\"{}\" port=\"{}\" size=\"{:#x}\" offset=\"{:#x}\" "
      "hostOffset=\"0x0\" "
      "hostSize=\"{:#x}\" type=\"{}\"/>\n",
      parameter.name, parameter.is_memory ? 1 : 0, id,
      parameter.is_memory ? std::format("M_AXI_GMEM{}", parameter.port) : "S_AXI_CONTROL", parameter.register_bytes,
      parameter.register_at, parameter.register_bytes, parameter.is_memory ? "void*" : "int");
}

struct Section {
  axlf_section_kind kind;
  const char* name;
  std::string bytes;
};

struct Units {
  Table layout{offsetof(ip_layout, m_ip_data)};
  Table connections{offsetof(connectivity, m_connection)};
  std::string xml;

  void add(const KernelSignature& kernel, std::uint32_t units) {
    xml += std::format("<kernel name=\"{}\" language=\"c\" type=\"pl\" hwControlProtocol=\"ap_ctrl_chain\">\n",
                       kernel.name);
    xml +=
        "<port name=\"S_AXI_CONTROL\" mode=\"slave\" range=\"0x1000\" dataWidth=\"32\" portType=\"addressable\" "
        "base=\"0x0\"/>\n";
    for (std::size_t i = 0; i < kernel.parameters.size(); ++i) xml += argument_xml(kernel.parameters[i], i);
    for (std::uint32_t unit = 1; unit <= units; ++unit) add_unit(kernel, unit);
    xml += "</kernel>\n";
  }

 private:
  void add_unit(const KernelSignature& kernel, std::uint32_t unit) {
    const std::int32_t index = layout.count();
    ip_data data{};
    data.m_type = IP_KERNEL;
    data.properties = IP_INT_ENABLE_MASK | static_cast<std::uint32_t>(index) << IP_INTERRUPT_ID_SHIFT |
                      AP_CTRL_CHAIN << IP_CONTROL_SHIFT;
    data.m_base_address = kFirstUnitAt + static_cast<std::uint64_t>(index) * kUnitBytes;
    copy_text(std::format("{0}:{0}_{1}", kernel.name, unit), data.m_name);
    layout.add(data);
    for (std::size_t i = 0; i < kernel.parameters.size(); ++i) {
      if (kernel.parameters[i].is_memory) connections.add(connection{static_cast<std::int32_t>(i), index, 0});
    }
    xml += std::format(
        "<instance name=\"{}_{}\"><addrRemap base=\"{:#x}\" range=\"0x1000\" port=\"S_AXI_CONTROL\"/></instance>\n",
        kernel.name, unit, data.m_base_address);
  }
};

std::string one_bank() {
  Table banks(offsetof(mem_topology, m_mem_data));
  mem_data bank{};
  bank.m_type = MEM_DRAM;
  bank.m_used = 1;
  bank.m_size = kMemoryKb;
  bank.m_base_address = emulation::kMemoryBase;
  copy_text("bank0", bank.m_tag);
  banks.add(bank);
  return banks.bytes();
}

// FNV-1a, twice: an identity that follows from what is in it.
void fill_uuid(const std::vector<Section>& sections, unsigned char (&uuid)[16]) {
  std::uint64_t hash = 14695981039346656037u;
  for (int half = 0; half < 2; ++half) {
    for (const Section& section : sections) {
      for (const char byte : section.bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211u;
    }
    std::memcpy(uuid + 8 * half, &hash, sizeof hash);
  }
}

Bytes container(const std::vector<Section>& sections) {
  axlf top{};
  std::memcpy(top.m_magic, "xclbin2", 8);
  top.m_signature_length = -1;
  std::memset(top.reserved, 0xFF, sizeof top.reserved);
  std::memset(top.m_keyBlock, 0xFF, sizeof top.m_keyBlock);
  top.m_header.m_versionMajor = 2;
  top.m_header.m_versionMinor = 13;
  top.m_header.m_mode = XCLBIN_HW_EMU;
  copy_text(kPlatform, top.m_header.m_platformVBNV);
  fill_uuid(sections, top.m_header.uuid);
  top.m_header.m_numSections = static_cast<std::uint32_t>(sections.size());

  const std::size_t bodies_at = offsetof(axlf, m_sections) + sections.size() * sizeof(axlf_section_header);
  std::string headers, bodies;
  for (const Section& section : sections) {
    while ((bodies_at + bodies.size()) % 8 != 0) bodies.push_back('\0');
    axlf_section_header header{};
    header.m_sectionKind = section.kind;
    std::snprintf(header.m_sectionName, sizeof header.m_sectionName, "%s", section.name);
    header.m_sectionOffset = bodies_at + bodies.size();
    header.m_sectionSize = section.bytes.size();
    append(headers, header);
    bodies += section.bytes;
  }
  top.m_header.m_length = bodies_at + bodies.size();
  std::string all(reinterpret_cast<const char*>(&top), offsetof(axlf, m_sections));
  all += headers + bodies;
  return Bytes::copy_of(std::span(reinterpret_cast<const std::uint8_t*>(all.data()), all.size()));
}

}  // namespace

Result<Bytes> write_emulation_xclbin(std::span<const UnitCount> units) {
  Units made;
  for (const UnitCount& one : units) {
    const KernelSignature* kernel = find_kernel(one.kernel);
    if (!kernel) return fail(ErrorCode::kInvalidArgument, "there is no FPGA kernel called " + one.kernel);
    made.add(*kernel, one.units);
  }
  const std::string xml =
      "<?xml version=\"1.0\"?>\n<project name=\"tintype\">\n<platform vendor=\"tintype\" boardid=\"emulated\" "
      "name=\"card\" "
      "featureRomTime=\"0\">\n<device name=\"fpga0\" fpgaDevice=\"emulated\">\n<core name=\"OCL_REGION_0\" "
      "target=\"bitstream\" "
      "type=\"clc_region\">\n" +
      made.xml + "</core>\n</device>\n</platform>\n</project>\n";
  return container({{MEM_TOPOLOGY, "mem_topology", one_bank()},
                    {IP_LAYOUT, "ip_layout", made.layout.bytes()},
                    {CONNECTIVITY, "connectivity", made.connections.bytes()},
                    {EMBEDDED_METADATA, "embedded_meta", xml},
                    {BITSTREAM, "bitstream", "for emulated cards: not a bitstream"}});
}

}  // namespace tintype
