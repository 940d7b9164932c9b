// FarmRequests: what `compress` asks of a farm, each as one call with a typed answer. Over an HttpEngine: an
// answer comes from its poll(), once, unless cancelled.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/compress/folder_walk.h"
#include "cli/compress/journal.h"
#include "cli/http/event_stream.h"
#include "cli/http/http_engine.h"
#include "core/base/result.h"
#include "core/job/job_record.h"

namespace tintype {

struct UploadTerms {
  std::string recipe;
  std::string job_class;
  std::string batch;
};

struct Submitted {
  std::string photo_id;
  std::string job_id;
  bool existed = false;
  bool changed = false;  // the file is not the one that was walked: what the farm has, if anything, is not wanted
};

struct JobNews {
  JobState state = JobState::kQueued;
  Error failure;  // of kFailed and kCancelled
};

template <typename T>
using Answered = std::move_only_function<void(Result<T>)>;

class FarmRequests {
 public:
  using Id = HttpEngine::RequestId;

  // `lost` hears of every request that nobody answered (its own callback gets kUnavailable, too, afterwards).
  FarmRequests(HttpEngine& engine, std::function<void(const Error&)> lost) : engine_(engine), lost_(std::move(lost)) {}
  void set_url(std::string url) { url_ = std::move(url); }

  // Sends the file as it is read; a file that cannot be read gives what the system said. kConflict: the key
  // is that of a photo that was removed. 0 when nothing was started: then the answer came before this
  // returned.
  Id upload(const SourceFile& source, const UploadTerms& terms, const std::string& idempotency_key,
            Answered<Submitted> done);
  Id job(const std::string& job_id, Answered<JobNews> done);
  // The variants of a finished photo. kUnavailable if there are none yet; kWorkerLied if one has a name that
  // is no file's.
  Id photo(const std::string& photo_id, Answered<DoneFacts> done);
  // Into the file `path`, by way of `part_path`; kCorruptData if size or digest are not what `facts` say.
  Id variant(const std::string& photo_id, const VariantFacts& facts, const std::string& part_path,
             const std::string& path, Answered<void> done);
  // Done, too, when it is not there.
  Id remove(const std::string& photo_id, Answered<void> done);
  // How many tasks the farm's lanes do at once.
  Id slots(Answered<int> done);
  // Until the connection ends. `alive` is called when the farm has accepted and whenever something comes.
  Id events(const std::string& batch, std::function<void()> alive, std::function<void(const ServerEvent&)> on_event,
            Answered<void> ended);

  void cancel(Id id) { engine_.cancel(id); }

 private:
  Id start(HttpRequest request, std::move_only_function<void(Result<HttpAnswer>)> done);

  HttpEngine& engine_;
  std::function<void(const Error&)> lost_;
  std::string url_;
};

}  // namespace tintype
