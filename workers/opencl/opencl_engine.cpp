#include "workers/opencl/opencl_engine.h"

#include <algorithm>
#include <utility>

#include "codec/thumbhash.h"
#include "codec/webp/encode_webp_own.h"
#include "codec/webp/webp_container.h"
#include "workers/device/engine_ladder.h"
#include "workers/opencl/cl_memory_pool.h"
#include "workers/opencl/cl_picture_maker.h"

namespace tintype {
namespace {

// Photos in flight: while some wait for their tokens to be written by the host, others keep the device busy.
constexpr int kSessionsOfGpu = ClFrameBatches::kPhotosAtOnce, kSessionsOfOthers = 2;

// What a photo takes on the device, at most, a pixel: its samples and halvings, rows between two filters, planes, the
// frame and its reconstruction, modes and levels.
constexpr std::uint64_t kBytesAPixel = 32;

std::string address_of(const OpenClDevice& device) {
  return std::to_string(device.platform) + ":" + std::to_string(device.device);
}

std::uint64_t budget_of(const DeviceSpec& spec, const DeviceInfo& info) {
  return spec.memory_bytes > 0 ? spec.memory_bytes : usable_bytes(info);
}

DeviceInfo describe(const OpenClDevice& device, const DeviceSpec& spec) {
  DeviceInfo info;
  info.address = address_of(device);
  info.kind = device.kind;
  info.name = device.name;
  info.driver = device.platform_name + " " + device.driver;
  info.memory_bytes = device.memory_bytes;
  info.sessions = spec.sessions > 0 ? spec.sessions : device.kind == "opencl-gpu" ? kSessionsOfGpu : kSessionsOfOthers;
  info.is_used_by_default = device.is_used_by_default();
  info.abilities = {.takes_coefficients = true, .makes_full_chroma = true, .makes_webp = true};
  info.abilities.most_pixels = std::min(
      {info.abilities.most_pixels, device.largest_buffer_bytes / kBytesAPixel, budget_of(spec, info) / kBytesAPixel});
  return info;
}

class OpenClSession final : public DeviceSession {
 public:
  explicit OpenClSession(ClPictureMaker maker) : maker_(std::move(maker)) {}

  Result<std::vector<EngineStepResult>> run(const EngineTask& task) override {
    TT_ASSIGN(const EngineLadder ladder, plan_engine_ladder(task));
    TT_ASSIGN(const PictureOrder order, order_for(task, ladder));
    TT_ASSIGN(PicturesMade made, maker_.make(order));

    std::vector<EngineStepResult> results(task.steps.size());
    results[ladder.reconstruct_step].seconds = made.ladder_seconds;
    const auto planes_of = [&](std::size_t step) -> Planes& {
      const auto at = std::ranges::find(order.kept, ladder.picture_of_step[step]);
      return made.kept[static_cast<std::size_t>(at - order.kept.begin())];
    };
    double pixels = 0;
    for (const FrameOrder& frame : order.frames) pixels += pixels_of(order.sizes[frame.picture]);
    std::size_t frame = 0;
    for (std::size_t i = 0; i < task.steps.size(); ++i) {
      const auto* encode = std::get_if<EncodeStep>(&task.steps[i]);
      if (!encode) continue;
      results[i].seconds = made.frames_seconds * pixels_of(order.sizes[order.frames[frame].picture]) / pixels;
      TT_ASSIGN(Bytes webp, in_container(*encode, made.frames[frame++]));
      std::string thumbhash;
      if (encode->wants_thumbhash) {
        TT_ASSIGN(thumbhash, thumbhash_of(to_rgb(planes_of(i))));
      }
      results[i].file = finished_file(*encode, std::move(webp), std::move(thumbhash));
    }
    for (const std::uint32_t step : task.keep_pictures) {
      const Planes& planes = planes_of(step);
      Planes copy = Planes::allocate(planes.width(), planes.height(), planes.chroma());
      std::ranges::copy(planes.view(), copy.mutable_view().begin());
      results[step].picture = std::move(copy);
    }
    return results;
  }

 private:
  static double pixels_of(const PictureSize& size) { return double(size.width) * size.height; }

  // Frames in the order of their encode steps; the pictures that are kept, or hashed, once each.
  static Result<PictureOrder> order_for(const EngineTask& task, const EngineLadder& ladder) {
    PictureOrder order{ladder.source.components, ladder.source.coefficients, ladder.orientation, ladder.sizes, {}, {}};
    const auto keep = [&](std::uint32_t picture) {
      if (!std::ranges::contains(order.kept, picture)) order.kept.push_back(picture);
    };
    for (std::size_t i = 0; i < task.steps.size(); ++i) {
      const auto* encode = std::get_if<EncodeStep>(&task.steps[i]);
      if (!encode) continue;
      TT_ASSIGN(const vp8::Settings settings, own_webp_settings(options_of(*encode)));
      order.frames.push_back({ladder.picture_of_step[i], settings});
      if (encode->wants_thumbhash) keep(ladder.picture_of_step[i]);
    }
    for (const std::uint32_t step : task.keep_pictures) keep(ladder.picture_of_step[step]);
    return order;
  }

  static Result<Bytes> in_container(const EncodeStep& step, const Bytes& frame) {
    const EmbeddedMetadata none;
    const EmbeddedMetadata& metadata = step.metadata ? *step.metadata : none;
    return write_webp({step.encode.width, step.encode.height, frame, {}, metadata.icc, metadata.exif, {}});
  }

  ClPictureMaker maker_;
};

class OpenClEngine final : public DeviceEngine {
 public:
  OpenClEngine(ClDevice device, const DeviceSpec& spec)
      : device_(std::move(device)), info_(describe(device_.info(), spec)), memory_(device_, budget_of(spec, info_)) {}

  Status prepare() {
    TT_ASSIGN(batches_, ClFrameBatches::create(device_));
    return {};
  }

  const DeviceInfo& info() const override { return info_; }

  Result<std::unique_ptr<DeviceSession>> open_session() override {
    TT_ASSIGN(ClPictureMaker maker, ClPictureMaker::create(device_, memory_, *batches_));
    return std::make_unique<OpenClSession>(std::move(maker));
  }

 private:
  const ClDevice device_;
  const DeviceInfo info_;
  ClMemoryPool memory_;
  std::unique_ptr<ClFrameBatches> batches_;
};

bool is_meant(const OpenClDevice& device, const DeviceSpec& spec) {
  if (!spec.name.empty() && spec.name != device.name) return false;
  return spec.address.empty() ? device.is_used_by_default() : spec.address == address_of(device);
}

}  // namespace

Result<DeviceList> list_opencl_engines(const DeviceSpec& spec) {
  TT_ASSIGN(const std::vector<OpenClDevice> devices, list_opencl_devices());
  DeviceList list;
  for (const OpenClDevice& device : devices) list.found.push_back(describe(device, spec));
  if (devices.empty()) {
    list.reason =
        "the OpenCL loader finds no driver: install your device's, and see that /etc/OpenCL/vendors names it, or "
        "set OCL_ICD_VENDORS (OCL_ICD_FILENAMES where the loader is Khronos') to its library";
  }
  return list;
}

Result<std::unique_ptr<DeviceEngine>> open_opencl_engine(const DeviceSpec& spec) {
  TT_ASSIGN(const std::vector<OpenClDevice> devices, list_opencl_devices());
  const auto meant = std::ranges::find_if(devices, [&](const OpenClDevice& device) { return is_meant(device, spec); });
  if (meant == devices.end()) {
    const std::string what = spec.address.empty()
                                 ? "no OpenCL GPU is here"
                                 : "the OpenCL device " + spec.address + " (" + spec.name + ") is not there";
    return fail(ErrorCode::kUnavailable, what + ": `tintype devices` lists those that are");
  }
  TT_ASSIGN(ClDevice device, ClDevice::open({*meant, spec.path}));
  auto engine = std::make_unique<OpenClEngine>(std::move(device), spec);
  TT_TRY(engine->prepare());
  return engine;
}

}  // namespace tintype
