#include "tests/workers/device/fake_engine.h"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "workers/device/cpu_answer.h"

namespace tintype::testing {
namespace {

constexpr std::string_view kMark = "ILL:";

[[noreturn]] void hang() {
  for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
}

// Of the first encode step that has some.
std::string illness_of(const EngineTask& task) {
  for (const Step& step : task.steps) {
    const auto* encode = std::get_if<EncodeStep>(&step);
    if (!encode || !encode->metadata) continue;
    const std::string_view exif = as_text(encode->metadata->exif);
    if (exif.starts_with(kMark)) return std::string(exif.substr(kMark.size()));
  }
  return "";
}

class FakeSession final : public DeviceSession {
 public:
  Result<std::vector<EngineStepResult>> run(const EngineTask& task) override {
    const std::string ill = illness_of(task);
    if (ill == "hang") hang();
    if (ill == "crash") std::_Exit(7);
    if (ill == "lost") return fail(ErrorCode::kWorkerCrashed, "the fake device fell off its bus");
    if (ill == "out of memory") return fail(ErrorCode::kOutOfMemory, "the fake device is full");
    if (ill == "slow") std::this_thread::sleep_for(std::chrono::seconds(1));
    TT_ASSIGN(std::vector<EngineStepResult> results, answer_on_cpu(task));
    for (EngineStepResult& result : results) {
      if (!result.file) continue;
      if (ill == "wrong bits") result.file->bytes.mutable_view().back() ^= 1;
      if (ill == "another size") result.file->bytes = Bytes::copy_of(result.file->bytes.view().first(20));
    }
    return results;
  }
};

class FakeEngine final : public DeviceEngine {
 public:
  explicit FakeEngine(const DeviceSpec& spec) : info_(fake_device()) {
    if (spec.sessions > 0) info_.sessions = spec.sessions;
    info_.is_used_by_default = spec.path != "stand-in";
  }
  const DeviceInfo& info() const override { return info_; }
  Result<std::unique_ptr<DeviceSession>> open_session() override { return std::make_unique<FakeSession>(); }

 private:
  DeviceInfo info_;
};

Result<DeviceList> list_fakes(const DeviceSpec& spec) {
  if (spec.path == "hang") hang();
  return DeviceList{{fake_device()}, ""};
}

Result<std::unique_ptr<DeviceEngine>> open_fake(const DeviceSpec& spec) {
  const auto colon = spec.path.find(':');
  const std::string what = spec.path.substr(0, colon);
  bool was_opened = false;
  if (colon != std::string::npos) {
    const std::string file = spec.path.substr(colon + 1);
    was_opened = std::ifstream(file).peek() != std::ifstream::traits_type::eof();
    std::ofstream(file, std::ios::app) << "opened\n";
  }
  if (what == "refuse") return fail(ErrorCode::kUnavailable, "the fake card is not plugged in");
  if (what == "hang") hang();
  if (what == "crash" || (what == "crash once" && !was_opened)) std::_Exit(9);
  return std::make_unique<FakeEngine>(spec);
}

}  // namespace

const EngineKind kFakeEngine{"fake", list_fakes, open_fake};

DeviceInfo fake_device() {
  DeviceInfo info;
  info.address = "0";
  info.kind = "fake";
  info.name = "a device that is none";
  info.driver = "1.0";
  info.memory_bytes = 4ull << 30;
  info.sessions = 2;
  info.is_used_by_default = true;
  info.abilities = {.takes_coefficients = true, .makes_full_chroma = true, .makes_webp = true};
  return info;
}

std::shared_ptr<const EmbeddedMetadata> ill(std::string_view what) {
  auto metadata = std::make_shared<EmbeddedMetadata>();
  metadata->exif = Bytes::copy_of(as_bytes(std::string(kMark) + std::string(what)));
  return metadata;
}

}  // namespace tintype::testing
