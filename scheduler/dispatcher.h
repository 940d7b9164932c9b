// Dispatcher: places tasks on lanes, each where it is predicted to finish first, and can say why.
//
// A task that would finish sooner by waiting for a busy lane waits for it. Classes take turns by ClassShares; in
// a class, the job that came first goes first. Permits (slots and bytes of each lane) bound what is in flight.
// Thread-safe. `done` is called once, on a lane's thread or on the caller's of cancel()/close().
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/job/job_record.h"
#include "scheduler/class_shares.h"
#include "scheduler/cost_model.h"
#include "workers/lane.h"

namespace tintype {

struct Placed {
  Result<TaskResult> result = fail(ErrorCode::kInternal, "");
  Decision decision;
};
using PlacedDone = std::move_only_function<void(Placed)>;

struct PlaceRequest {
  Task task = {};
  std::uint64_t order = 0;              // the job's place in its class: lower goes first
  std::vector<std::string> avoid = {};  // lanes that failed it before; used only if no other can
  // The caller has another way: where every lane that could do it is out of service, or failed it before, the answer is
  // kUnavailable at once.
  bool has_another_way = false;
  std::vector<std::string> only = {};  // lanes that it is for; empty: any
  std::string note = "";               // for people: why it came to be; said with the reason
};

// What would become of a task that came now.
struct Foresight {
  std::string lane;  // empty: none would take it
  double wait_seconds = 0;
  double work_seconds = 0;
  // The slot it takes is one that others wait for: by how much all of them together would end later.
  double delay_of_others_seconds = 0;
  std::uint64_t times_seen = 0;  // how often the lane did its least known step
  bool is_idle = false;          // nothing runs on the lane
  std::string why_none;

  double end_seconds() const { return wait_seconds + work_seconds; }
};

struct DispatcherConfig {
  ClassSharesConfig shares;
  int lookahead = 32;                   // tasks of a class that are looked at in one go
  double bytes_patience_seconds = 2.0;  // then a lane is kept free for a task that needs much of its memory
};

class Dispatcher {
 public:
  // Everything must outlive it; the lanes take no tasks from anybody else.
  Dispatcher(const DispatcherConfig& config, const std::vector<Lane*>& lanes, CostModel& costs, const Clock& clock);
  ~Dispatcher();  // waits for what runs; cancel() it first for a quick end

  void submit(PlaceRequest request, PlacedDone done);
  // The same, and waits.
  Placed place_and_wait(PlaceRequest request);

  // What waits is answered kCancelled now, what runs soon.
  void cancel(JobId job);
  // From now on tasks of bulk jobs have at most so many of host_slots(), devices aside; `reason` is for people ("" when
  // that is all of them). What runs goes on.
  void limit_bulk(int slots, const std::string& reason);
  // Looks again: after a lane's health may have changed. Cheap.
  void poke();
  // Which of the lanes `only` (none: of all), those in `avoid` aside, would do it and when, were it submitted now.
  Foresight foresee(const Task& task, const std::vector<std::string>& only,
                    const std::vector<std::string>& avoid) const;
  // For good: its answers are no longer believed. It gets no more tasks; what runs there, the lane may answer
  // kUnavailable.
  void take_out_of_service(const std::string& lane, const std::string& reason);
  // Of each lane, in their order: its own, or why it was taken out of service.
  std::vector<LaneHealth> lane_health() const;
  const LaneInfo& lane_info(std::size_t lane) const { return lanes_[lane].lane->info(); }
  // Answers kCancelled to all that waits and to all that comes; what runs goes on.
  void close();

  // Slots that nothing runs on, of lanes in service that are no devices.
  int idle_slots() const;
  int total_slots() const;
  int host_slots() const;  // of lanes that are no devices: what computes on this machine's own cores
  std::size_t lanes() const { return lanes_.size(); }

 private:
  struct Waiting {
    PlaceRequest request;
    PlacedDone done;
    double since = 0;
    std::uint64_t bytes = 0;
    std::vector<StepShape> steps;
    std::string held_back = "";  // why a limit on bulk kept it waiting
  };
  struct Running {
    std::uint64_t id = 0;
    std::uint64_t bytes = 0;
    JobClass job_class = JobClass::kUpload;
    double started = 0;
    double predicted_end = 0;
  };
  struct LaneUse {
    Lane* lane = nullptr;
    std::uint64_t bytes = 0;  // taken
    std::vector<Running> running;
    int finishing = 0;        // tasks whose `done` has not returned yet
    std::string disbelieved;  // why it was taken out of service
  };
  struct Placement;  // a task on its way to a lane
  // What the lanes will be doing, as far as a round has decided: waits promised to earlier tasks count too.
  struct Outlook {
    double now = 0;
    std::vector<LaneHealth> health;
    std::vector<double> free_in;   // seconds until a slot is free
    std::vector<double> promised;  // seconds of work, over all slots, that waits for the lane
    std::vector<bool> held;        // kept free for a task that needs much of its memory
  };
  // The lanes for one task, each with its predictions or with why not.
  struct Candidates {
    std::vector<LaneCandidate> lanes;
    bool is_any_able = false;  // some lane could, were it in service
  };

  std::vector<Placement> choose_placements();
  bool try_place(Waiting& waiting, Outlook& outlook, std::vector<Placement>& placements);
  void start(std::vector<Placement> placements);
  void finish(Placement placement, Result<TaskResult> result);
  void refuse(Waiting& waiting, Decision decision, ErrorCode code, std::vector<Placement>& placements) const;
  void give_up(Waiting& waiting, const char* why) const;
  Outlook look() const;
  void look_when_free(Outlook& outlook) const;
  Candidates candidates_for(const Task& task, std::uint64_t bytes, const std::vector<StepShape>& steps,
                            const std::vector<std::string>& only, const Outlook& outlook) const;
  // Which of them would finish first, those in `avoid` aside; their number: none can.
  static std::size_t soonest(const std::vector<LaneCandidate>& lanes, const std::vector<std::string>& avoid);
  LaneHealth health_of(const LaneUse& use) const;
  double lane_free_in(const LaneUse& use, double now) const;
  bool bulk_has_its_slots() const;
  bool is_for_devices(const PlaceRequest& request) const;

  const DispatcherConfig config_;
  CostModel& costs_;
  const Clock& clock_;

  mutable std::mutex mutex_;
  ClassShares shares_;
  std::vector<LaneUse> lanes_;
  std::array<std::list<Waiting>, 3> waiting_;  // each in the order of PlaceRequest::order
  std::uint64_t next_id_ = 1;
  int bulk_slots_;
  std::string bulk_reason_;
  bool closed_ = false;
  std::condition_variable idle_;
};

}  // namespace tintype
