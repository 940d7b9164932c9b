#include "workers/device/device_report.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "workers/wire/answer_wire.h"
#include "workers/wire/session_wire.h"

namespace tintype {
namespace {

enum class ReportKind : std::uint8_t { kError, kOpened, kList, kSelfTest, kSelfTestStep };

constexpr std::uint32_t kMostItems = 32;

void put_flag(bool flag, ByteWriter& out) { out.put(static_cast<std::uint8_t>(flag)); }

void put_text(std::string_view text, ByteWriter& out) { out.put_text(clean_text(text)); }

std::string take_text(ByteReader& in) { return clean_text(in.take_text(kMaxTextBytes)); }

template <typename T, typename Put>
void put_items(const std::vector<T>& items, ByteWriter& out, Put put) {
  const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(items.size(), kMostItems));
  out.put(count);
  for (std::uint32_t i = 0; i < count; ++i) put(items[i], out);
}

template <typename T, typename Take>
std::vector<T> take_items(ByteReader& in, Take take) {
  std::vector<T> items;
  const auto count = in.take<std::uint32_t>();
  if (count > kMostItems) in.reject();
  for (std::uint32_t i = 0; in.ok() && i < count; ++i) items.push_back(take(in));
  return items;
}

void put_device(const DeviceInfo& device, ByteWriter& out) {
  for (const std::string* text : {&device.address, &device.kind, &device.name, &device.driver}) put_text(*text, out);
  out.put(device.memory_bytes);
  out.put(static_cast<std::int32_t>(device.sessions));
  put_flag(device.is_used_by_default, out);
  const DeviceAbilities& can = device.abilities;
  for (const bool flag : {can.takes_coefficients, can.takes_planes, can.makes_full_chroma, can.makes_webp})
    put_flag(flag, out);
  out.put(can.most_side_px);
  out.put(can.most_pixels);
}

DeviceInfo take_device(ByteReader& in) {
  DeviceInfo device;
  for (std::string* text : {&device.address, &device.kind, &device.name, &device.driver}) *text = take_text(in);
  device.memory_bytes = in.take<std::uint64_t>();
  device.sessions = in.take<std::int32_t>();
  device.is_used_by_default = in.take_flag();
  DeviceAbilities& can = device.abilities;
  for (bool* flag : {&can.takes_coefficients, &can.takes_planes, &can.makes_full_chroma, &can.makes_webp})
    *flag = in.take_flag();
  can.most_side_px = in.take<std::uint32_t>();
  can.most_pixels = in.take<std::uint64_t>();
  return device;
}

struct ReportWriter {
  ByteWriter& out;

  void operator()(const Error& error) const {
    out.put(ReportKind::kError);
    out.put(error.code);
    put_text(error.message, out);
  }
  void operator()(const DeviceInfo& device) const {
    out.put(ReportKind::kOpened);
    put_device(device, out);
  }
  void operator()(const DeviceList& list) const {
    out.put(ReportKind::kList);
    put_text(list.reason, out);
    put_items(list.found, out, put_device);
  }
  void operator()(const SelfTestReport& report) const {
    out.put(ReportKind::kSelfTest);
    put_device(report.device, out);
    put_items(report.checks, out, [](const SelfTestReport::Check& check, ByteWriter& to) {
      put_text(check.name, to);
      put_flag(check.passed, to);
      put_text(check.detail, to);
    });
    put_items(report.rates, out, [](const SelfTestReport::Rate& rate, ByteWriter& to) {
      put_text(rate.name, to);
      to.put(rate.megapixels_a_second);
    });
  }
  void operator()(const SelfTestStep& step) const {
    out.put(ReportKind::kSelfTestStep);
    put_text(step.name, out);
  }
};

SelfTestReport take_self_test(ByteReader& in) {
  SelfTestReport report;
  report.device = take_device(in);
  report.checks = take_items<SelfTestReport::Check>(in, [](ByteReader& from) {
    SelfTestReport::Check check;
    check.name = take_text(from);
    check.passed = from.take_flag();
    check.detail = take_text(from);
    return check;
  });
  report.rates = take_items<SelfTestReport::Rate>(in, [](ByteReader& from) {
    SelfTestReport::Rate rate{take_text(from), 0};
    rate.megapixels_a_second = from.take<double>();
    if (!std::isfinite(rate.megapixels_a_second)) from.reject();
    return rate;
  });
  return report;
}

DeviceReport take_report(ByteReader& in) {
  switch (in.take(ReportKind::kSelfTestStep)) {
    case ReportKind::kError: {
      const auto code = in.take(ErrorCode::kInternal);
      return Error{code, take_text(in)};
    }
    case ReportKind::kOpened:
      return take_device(in);
    case ReportKind::kList: {
      DeviceList list;
      list.reason = take_text(in);
      list.found = take_items<DeviceInfo>(in, take_device);
      return list;
    }
    case ReportKind::kSelfTest:
      return take_self_test(in);
    case ReportKind::kSelfTestStep:
      return SelfTestStep{take_text(in)};
  }
  std::unreachable();
}

}  // namespace

void write_report(const DeviceReport& report, ByteWriter& out) { std::visit(ReportWriter{out}, report); }

Result<DeviceReport> read_report(ByteView bytes) {
  ByteReader in(bytes);
  DeviceReport report = take_report(in);
  if (!in.at_end()) return fail(ErrorCode::kWorkerLied, "a device process said what is no report");
  return report;
}

}  // namespace tintype
