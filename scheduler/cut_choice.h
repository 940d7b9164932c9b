// CutChoice: whether a device does the pixel work of a photo's WebPs (scheduler/device_cut.h), or the CPU does all of
// it in one task ("fused").
//
// Either way is predicted as if it began now: when it ends, and by how much the slots that it takes hold up those who
// come after it, taken to be as many as wait now. So an idle device takes work from a CPU that many wait for, even if
// it is the slower one. A device that has hardly done such work is measured first, and one that always loses is tried
// again now and then: the prediction may be wrong. Jobs that somebody waits for are left out of that. Where devices
// come first (scheduler/placement.h), none of this counts but the ends that are predicted.
//
// Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/job/job_record.h"
#include "scheduler/device_cut.h"
#include "scheduler/dispatcher.h"
#include "scheduler/placement.h"

namespace tintype {

struct CutChoiceConfig {
  Placement placement = Placement::kFastest;
  std::uint64_t measure_first = 3;  // so often a device is tried before its prediction counts
  int try_again_one_in = 64;        // of the jobs that a device would have lost

  Status validate() const;
};

class CutChoice {
 public:
  // Both must outlive it.
  CutChoice(const CutChoiceConfig& config, const Dispatcher& dispatcher, const Clock& clock);

  // Of this node: lanes that are devices, and the others.
  const std::vector<std::string>& devices() const { return devices_; }
  const std::vector<std::string>& other_lanes() const { return others_; }

  struct Chosen {
    bool is_for_device = false;
    Decision decision;  // what was chosen of what, and why: for people
  };
  // `tried`: devices that failed it before.
  Chosen choose(const Job& job, const SourceInfo& source, const Plan& plan,
                const std::shared_ptr<const SourceBuffer>& bytes, const std::vector<std::string>& tried);

 private:
  struct Way;
  Way fused(const Job& job, const SourceInfo& source, const Plan& plan,
            const std::shared_ptr<const SourceBuffer>& bytes) const;
  Way with_device(const Job& job, const SourceInfo& source, const Plan& plan,
                  const std::shared_ptr<const SourceBuffer>& bytes, const std::vector<std::string>& tried) const;
  PlaceVerdict judge(const Job& job, const Way& cpu, const Way& device);
  PlaceVerdict fastest(const Job& job, const Way& cpu, const Way& device);
  std::string why_device(const Job& job, const Way& cpu, const Way& device);

  const CutChoiceConfig config_;
  const Dispatcher& dispatcher_;
  const Clock& clock_;
  std::vector<std::string> devices_, others_;
  std::atomic<std::uint64_t> lost_ = 0;
};

}  // namespace tintype
