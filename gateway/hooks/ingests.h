// Ingests: pictures that the gateway gets for itself, from another server or a file, on threads of their own.
//
// A request that asked for some waits for them without a worker; if it leaves, they are finished all the
// same: whoever asks again finds them under their idempotency keys. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "gateway/hooks/hooks_config.h"
#include "gateway/http/message.h"
#include "gateway/http/worker_pool.h"
#include "gateway/photos/photo_upload.h"

namespace tintype {

// A file below a folder; never outside it, whatever links it holds.
struct FileSource {
  std::string folder;
  std::string path;  // within it
};

struct Ingest {
  UploadOrder order;
  std::variant<FetchOrder, FileSource> source;
};

using IngestOutcomes = std::vector<Result<UploadReceipt>>;  // one for each Ingest, in order

class Ingests {
 public:
  // What `services` names must outlive it.
  Ingests(const HooksConfig& config, const UploadServices& services, std::uint64_t max_bytes);
  // Cuts short what runs.
  ~Ingests();

  // The answer that `build` makes of the outcomes, when all are there; 503 if that takes longer than a
  // minute. kQueueFull when too many wait already.
  Result<http::Response> answer(std::vector<Ingest> ingests,
                                std::function<http::Response(const IngestOutcomes&)> build);

  const HooksConfig& config() const { return config_; }

 private:
  Result<UploadReceipt> run(Ingest& ingest);
  Status feed(Ingest& ingest, PhotoUpload& upload);

  const HooksConfig config_;
  const UploadServices services_;
  const std::uint64_t max_bytes_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> waiting_ = 0;
  http::WorkerPool pool_;
};

}  // namespace tintype
