// The driver interface that libxrt loads from $XILINX_XRT/lib/libxrt_hwemu.so.2 with XCL_EMULATION_MODE=hw_emu, with
// emulated cards behind it: programs written for the XRT native API run unchanged. The C++ side of a driver,
// xrt_core::hwemu::device, comes from Debian's libxrt_hwemu.a.
#include <experimental/xrt-next.h>
#include <xrt.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "workers/fpga/emulation/card.h"

// Of libxrt_coreutil and libxrt_hwemu, in no public header.
namespace xrt_core {
class device {
 public:
  void register_axlf(const axlf*);
};
std::shared_ptr<device> get_userpf_device(void* handle);
std::shared_ptr<device> get_userpf_device(void* handle, unsigned int id);
namespace query {
enum class key_type;
}
}  // namespace xrt_core

namespace xclhwemhal2 {
struct HwEmShim {
  static HwEmShim* handleCheck(void*);
  unsigned int deviceQuery(xrt_core::query::key_type);
};
HwEmShim* HwEmShim::handleCheck(void*) { return nullptr; }
unsigned int HwEmShim::deviceQuery(xrt_core::query::key_type) { return 0; }
}  // namespace xclhwemhal2

namespace {

using tintype::emulation::Card;
using tintype::emulation::Ledger;
using tintype::emulation::Settings;

Settings settings_now() {
  const char* text = std::getenv("TINTYPE_FPGA_EMULATION");
  return Ledger::of_process().begin(text ? text : "");
}

struct Opened {
  Opened(unsigned index, const Settings& of) : settings(of), card(index, of) {}
  Settings settings;
  Card card;
  std::shared_ptr<xrt_core::device> core;  // XRT itself keeps a weak pointer
};

Opened& opened(xclDeviceHandle handle) { return *static_cast<Opened*>(handle); }
Card& card(xclDeviceHandle handle) { return opened(handle).card; }

}  // namespace

extern "C" {

unsigned xclProbe() { return static_cast<unsigned>(settings_now().cards); }

xclDeviceHandle xclOpen(unsigned index, const char*, xclVerbosityLevel) {
  const Settings settings = settings_now();
  if (index >= settings.cards || Ledger::of_process().is_lost(index)) return nullptr;
  auto* made = new Opened(index, settings);
  made->core = xrt_core::get_userpf_device(made, index);
  return made;
}
void xclClose(xclDeviceHandle handle) { delete &opened(handle); }

int xclLoadXclBin(xclDeviceHandle handle, const axlf* xclbin) {
  if (opened(handle).settings.busy != 0) return -EBUSY;
  if (const int refused = card(handle).load(xclbin)) return refused;
  xrt_core::get_userpf_device(handle)->register_axlf(xclbin);
  return 0;
}
int xclOpenContext(xclDeviceHandle, const xuid_t, unsigned, bool) { return 0; }
int xclCloseContext(xclDeviceHandle, const xuid_t, unsigned) { return 0; }

unsigned xclAllocBO(xclDeviceHandle handle, size_t bytes, int, unsigned flags) {
  return card(handle).allocate(nullptr, bytes, flags);
}
unsigned xclAllocUserPtrBO(xclDeviceHandle handle, void* user, size_t bytes, unsigned flags) {
  return card(handle).allocate(static_cast<std::uint8_t*>(user), bytes, flags);
}
void xclFreeBO(xclDeviceHandle handle, unsigned buffer) { card(handle).free(buffer); }
void* xclMapBO(xclDeviceHandle handle, unsigned buffer, bool) {
  const auto found = card(handle).buffer(buffer);
  return found ? found->host : nullptr;
}
int xclUnmapBO(xclDeviceHandle, unsigned, void*) { return 0; }
int xclSyncBO(xclDeviceHandle handle, unsigned buffer, xclBOSyncDirection direction, size_t bytes, size_t offset) {
  return card(handle).sync(buffer, direction == XCL_BO_SYNC_BO_TO_DEVICE, bytes, offset);
}
int xclGetBOProperties(xclDeviceHandle handle, unsigned buffer, xclBOProperties* out) {
  const auto found = card(handle).buffer(buffer);
  if (!found) return -EINVAL;
  *out = {};
  out->handle = buffer;
  out->flags = found->flags;
  out->size = found->bytes;
  out->paddr = found->address;
  return 0;
}

int xclExecBuf(xclDeviceHandle handle, unsigned command) { return card(handle).submit(command); }
int xclExecWait(xclDeviceHandle handle, int timeout_ms) { return card(handle).wait(timeout_ms); }

int xclGetDeviceInfo2(xclDeviceHandle handle, xclDeviceInfo2* out) {
  *out = {};
  std::snprintf(out->mName, sizeof out->mName, "tintype_emulated_card");
  out->mDDRSize = opened(handle).settings.memory_mb << 20;
  out->mDDRBankCount = 1;
  out->mDataAlignment = tintype::emulation::kPageBytes;
  out->mOCLFrequency[0] = 300;
  return 0;
}

// Nothing here uses these.
int xclCopyBO(xclDeviceHandle, unsigned, unsigned, size_t, size_t, size_t) { return -ENOSYS; }
int xclRegRead(xclDeviceHandle, uint32_t, uint32_t, uint32_t*) { return -ENOSYS; }
int xclRegWrite(xclDeviceHandle, uint32_t, uint32_t, uint32_t) { return -ENOSYS; }
size_t xclRead(xclDeviceHandle, xclAddressSpace, uint64_t, void*, size_t) { return 0; }
size_t xclWrite(xclDeviceHandle, xclAddressSpace, uint64_t, const void*, size_t) { return 0; }
ssize_t xclUnmgdPread(xclDeviceHandle, unsigned, void*, size_t, uint64_t) { return -ENOSYS; }
ssize_t xclUnmgdPwrite(xclDeviceHandle, unsigned, const void*, size_t, uint64_t) { return -ENOSYS; }
xclBufferExportHandle xclExportBO(xclDeviceHandle, unsigned) { return XRT_NULL_BO_EXPORT; }
unsigned xclImportBO(xclDeviceHandle, xclBufferExportHandle, unsigned) { return XRT_NULL_BO; }
int xclReClock2(xclDeviceHandle, unsigned short, const unsigned short*) { return -ENOSYS; }
int xclP2pEnable(xclDeviceHandle, bool, bool) { return -ENOSYS; }

}  // extern "C"

int xclCloseExportHandle(int) { return -ENOSYS; }
int xclCmaEnable(xclDeviceHandle, bool, uint64_t) { return -ENOSYS; }
int xclUpdateSchedulerStat(xclDeviceHandle) { return -ENOSYS; }
int xclInternalResetDevice(xclDeviceHandle, xclResetKind) { return -ENOSYS; }
