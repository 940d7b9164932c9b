// RawNats: what a stranger with a NATS client could do to the queue's streams; tests use it to break things.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/queue/nats/handles.h"

namespace tintype {

class RawNats {
 public:
  // Aborts the test program when it cannot connect.
  explicit RawNats(const std::string& url);

  bool publish(const std::string& subject, std::string_view body);
  bool delete_stream(const std::string& stream);
  bool delete_consumer(const std::string& stream, const std::string& consumer);
  bool add_stream(jsStreamConfig config);
  bool add_consumer(const std::string& stream, jsConsumerConfig config);
  // Answers requests in the place of a stream that is not there: by each of `answers`, then by the last one again.
  void answer(const std::string& subject, std::vector<std::string> answers);
  int answered() const { return answered_; }
  // -1 when there is none.
  std::int64_t message_count(const std::string& stream);
  std::int64_t max_waiting(const std::string& stream, const std::string& consumer);

 private:
  ConnectionHandle connection_;
  JetStreamHandle jetstream_;
  std::vector<std::string> answers_;
  std::atomic<int> answered_ = 0;
  SubscriptionHandle subscription_;
};

}  // namespace tintype
