// EventHub: one subscription to the event log, handed on to every listening client.
//
// A client that does not keep up is dropped: it reads /v1/jobs when it comes back. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/queue/event_log.h"
#include "gateway/http/message.h"

namespace tintype {

class EventHub {
 public:
  // `log` must outlive it; it must outlive its feeds.
  explicit EventHub(EventLog& log) : log_(log) {}

  // The owner's events from now on, of one batch unless that is empty, of one job if there is one. Subscribes
  // if that has not been done yet: fails with what the log says.
  Result<std::unique_ptr<http::EventFeed>> listen(const std::string& owner, const std::string& batch,
                                                  std::optional<JobId> job = {});

  // No event comes after this.
  void stop();

 private:
  class Feed;
  struct Listener;

  void on_event(const Event& event);
  void forget(const Listener* listener);

  EventLog& log_;
  std::mutex mutex_;  // of listeners_; taken by the log's thread
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::mutex subscribing_;
  std::unique_ptr<EventSubscription> subscription_;  // last, so that it ends before what its callback uses
};

}  // namespace tintype
