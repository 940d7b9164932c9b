// The access book of a fleet: one document that all gateways share, so that a token made once works at every gateway.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/base/log.h"
#include "gateway/access/access_store.h"
#include "storage_client/documents.h"

namespace tintype {

class AccessDocument final : public AccessStore {
 public:
  // `documents` must outlive it.
  explicit AccessDocument(Documents& documents) : documents_(documents) {}

  Result<AccessBook> read() const override;
  Status change(UnixMs now_ms, const std::function<Status(AccessBook&)>& edit) const override;

  Result<std::uint64_t> version() const;

 private:
  Result<AccessBook> read(std::uint64_t& version) const;

  Documents& documents_;
};

struct PolledAccessConfig {
  std::chrono::milliseconds period{1'000};  // between looks at its version
  // A book that could not be looked at for so long counts no more: it may know tokens that were revoked.
  std::chrono::milliseconds trusted_for{30'000};
};

// Looks on a thread of its own. A change is known at every gateway within a period and what a look takes.
class PolledAccess final : public LiveAccess {
 public:
  // Looks once before it returns. `documents` and `log` must outlive it.
  PolledAccess(Documents& documents, Logger& log, const PolledAccessConfig& config = {});

  std::shared_ptr<const AccessBook> now() override;
  bool is_out_of_reach() const override;

 private:
  void look();
  bool is_trusted() const { return std::chrono::steady_clock::now() - looked_at_ <= config_.trusted_for; }

  const AccessDocument document_;
  Logger& log_;
  const PolledAccessConfig config_;
  std::uint64_t version_ = 0;  // of the looking thread
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::shared_ptr<const AccessBook> book_;             // under mutex_, as below
  std::chrono::steady_clock::time_point looked_at_{};  // when the last look that brought an answer began
  std::jthread thread_;                                // last: it uses the rest
};

}  // namespace tintype
