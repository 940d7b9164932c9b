// What a device process says on its control socket, as bytes.
#pragma once

#include <cstddef>
#include <string>
#include <variant>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "workers/device/device_engine.h"
#include "workers/device/self_test.h"
#include "workers/wire/byte_stream.h"

namespace tintype {

// What a self-test does next.
struct SelfTestStep {
  std::string name;
};

// An Error: it could not, or it goes, and why. DeviceInfo: the device is open, and a socket of each session comes with
// it. Any number of SelfTestSteps go before a SelfTestReport.
using DeviceReport = std::variant<Error, DeviceInfo, DeviceList, SelfTestReport, SelfTestStep>;

inline constexpr std::size_t kMostReportBytes = 64 << 10;

// Cut to what a message holds.
void write_report(const DeviceReport& report, ByteWriter& out);

// kWorkerLied: that is no report.
Result<DeviceReport> read_report(ByteView bytes);

}  // namespace tintype
