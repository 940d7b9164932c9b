// The kinds of lanes that a program runs the conformance suite over.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "workers/lane.h"

namespace tintype::testing {

struct LaneKind {
  const char* name;
  bool makes_real_files;  // equal ones for equal tasks, of the pictures they are of
  bool takes_files;       // others take coefficients, and encode what they made themselves
  std::unique_ptr<Lane> (*make)(int slots);
  // Of a photo of 320 x 240: step 0 makes its picture; then for each of `widths` a resize and two encodes of it.
  Task (*ladder_task)(const std::vector<std::uint32_t>& widths, JobId job);
  int many_tasks = 200;  // fewer where each takes long
};

extern const std::span<const LaneKind> kLaneKinds;

// Kinds and parts of them for programs to choose from.
std::unique_ptr<Lane> make_cpu_lane_of(int slots);
Task file_ladder(const std::vector<std::uint32_t>& widths, JobId job);
Task coefficient_ladder(const std::vector<std::uint32_t>& widths, JobId job);
// Of the first device that `engine` lists; waits until it is open. `path`: DeviceSpec's.
std::unique_ptr<Lane> make_device_lane_of(const char* engine, int slots, const std::string& path = "");

}  // namespace tintype::testing
