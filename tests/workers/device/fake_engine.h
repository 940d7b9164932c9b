// A device that is none: it computes on the CPU, rightly, unless it is told to misbehave.
//
// Opening: by DeviceSpec::path, "WHAT" or "WHAT:FILE", and then every opening appends a line to FILE. "refuse":
// kUnavailable. "hang", "crash": it does. "crash once": the first time (FILE is empty before). "stand-in": not used by
// default. Tasks: by the EXIF of an encode step, ill(WHAT): "hang", "crash", "lost", "out of memory", "wrong bits",
// "another size", "slow" (a second).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "workers/device/device_engine.h"

namespace tintype::testing {

extern const EngineKind kFakeEngine;  // "fake"

// As its list has it: 2 sessions.
DeviceInfo fake_device();

std::shared_ptr<const EmbeddedMetadata> ill(std::string_view what);

}  // namespace tintype::testing
