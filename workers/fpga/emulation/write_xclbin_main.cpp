// Writes an xclbin for emulated cards: `fpga-emulation-xclbin FILE [UNITS]`, with so many units (1) of each kernel.
#include <charconv>
#include <cstdio>
#include <fstream>
#include <string_view>
#include <vector>

#include "workers/fpga/emulation/xclbin_writer.h"

int main(int argc, char** argv) {
  using namespace tintype;
  std::uint32_t count = 1;
  const std::string_view wanted = argc > 2 ? argv[2] : "1";
  const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), count);
  if (argc < 2 || argc > 3 || error != std::errc{} || end != wanted.data() + wanted.size() || count < 1 || count > 16) {
    std::fprintf(stderr, "usage: fpga-emulation-xclbin FILE [UNITS, 1 to 16]\n");
    return 2;
  }
  std::vector<UnitCount> units;
  for (const KernelSignature& kernel : kernel_signatures()) units.push_back({std::string(kernel.name), count});
  const auto xclbin = write_emulation_xclbin(units);
  std::ofstream file(argv[1], std::ios::binary);
  if (xclbin) file.write(reinterpret_cast<const char*>(xclbin->data()), static_cast<std::streamsize>(xclbin->size()));
  if (!xclbin || !file.flush()) {
    std::fprintf(stderr, "fpga-emulation-xclbin: %s\n",
                 xclbin ? "the file could not be written" : xclbin.error().message.c_str());
    return 1;
  }
}
