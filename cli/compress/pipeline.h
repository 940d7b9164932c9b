// Pipeline: photos through a farm and their variants back, a bounded number at a time, on one thread.
//
// Each photo: upload, wait for its job, read its manifest, fetch its variants, write the journal, and (unless
// it is to stay) remove it from the farm. The farm's event stream says when a job has ended; jobs that it is
// silent about are asked after. Whatever is lost on the way (a farm that died, a stream that broke) is asked
// for again: every step may be repeated.
#pragma once

#include <chrono>
#include <deque>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/compress/farm_requests.h"
#include "cli/compress/journal.h"
#include "cli/compress/out_folder.h"
#include "cli/compress/photo_item.h"
#include "cli/compress/progress_view.h"
#include "cli/farm_link.h"
#include "cli/http/http_engine.h"
#include "cli/stop_signals.h"
#include "core/base/result.h"

namespace tintype {

struct PipelineOptions {
  UploadTerms terms;
  bool keep = false;               // photos stay in the farm
  int window = 0;                  // photos uploaded and not yet done; 0: twice the farm's slots and two more
  std::chrono::seconds drain{10};  // after the first Ctrl-C
};

enum class PipelineEnd { kAllEnded, kInterrupted };

class Pipeline {
 public:
  // All references must outlive it.
  Pipeline(HttpEngine& engine, FarmLink& farm, Journal& journal, const OutFolder& out, StopSignals& signals,
           ProgressView& view, PipelineOptions options);
  ~Pipeline();

  // Works on those of `items` that are to do, and keeps `progress`. Every end of a photo is in the journal at
  // once. kUnavailable: the farm was given up; kStorageFull: no space, here or there. What was not ended
  // stays to do.
  Result<PipelineEnd> run(std::vector<PhotoItem>& items, Progress& progress);

  // What did not go as it should, but failed no photo.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  struct Flight {
    enum class Stage { kUpload, kWork, kRead, kFetch, kRemove, kEnded };

    Stage stage = Stage::kUpload;
    PhotoItem* item = nullptr;  // none: an earlier run left it in the farm
    std::string key;
    std::string photo_id;
    std::string job_id;
    DoneFacts facts;
    std::size_t fetched = 0;  // variants
    int breaks = 0;           // of connections
    int tries = 0;            // that failed although the farm was there
    SteadyTime due{};         // when the stage's next request may start
    bool busy = false;        // a request is under way
    FarmRequests::Id request = 0;
  };

  // pipeline.cpp: the loop
  void add_leftovers(const std::vector<PhotoItem>& items);
  bool begin_stopping();
  void launch();
  void farm_came_up();
  void tend_events();
  void take_job_ends();
  std::chrono::milliseconds time_to_wait() const;
  std::size_t in_farm() const;

  // pipeline_stages.cpp: one photo
  void advance(Flight& flight);
  void upload(Flight& flight);
  void ask(Flight& flight);
  void read(Flight& flight);
  void fetch(Flight& flight);
  void remove(Flight& flight);
  void finish(Flight& flight);
  void fail_photo(Flight& flight, Error error);
  void leave_farm(Flight& flight);
  void trouble(Flight& flight, const Error& error);
  void record(Status written);

  HttpEngine& engine_;
  FarmLink& farm_;
  Journal& journal_;
  const OutFolder& out_;
  StopSignals& signals_;
  ProgressView& view_;
  PipelineOptions options_;
  FarmRequests requests_;

  std::deque<PhotoItem*> waiting_;
  std::list<Flight> flights_;
  Progress* progress_ = nullptr;
  std::vector<std::string> notes_;
  std::optional<Error> fatal_;
  std::optional<SteadyTime> stop_by_;
  bool dropped_ = false;  // photos that were to do when the stopping began
  int window_ = 4;        // until the farm says how many slots it has
  int epoch_ = 0;

  FarmRequests::Id events_request_ = 0;
  SteadyTime events_due_{};
  SteadyTime events_heard_{};
  bool events_live_ = false;
  struct JobEnd {
    std::string job_id;
    bool done = false;  // otherwise it failed or was cancelled: its record says why
  };
  FarmRequests::Id slots_request_ = 0;
  std::vector<JobEnd> job_ends_;      // heard of, not yet taken
  std::set<std::string> early_ends_;  // jobs that ended before their upload's answer came
};

}  // namespace tintype
