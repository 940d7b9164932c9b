// RawNats: what a stranger with a NATS client could do to the queue's streams; tests use it to break things.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

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
  // -1 when there is none.
  std::int64_t message_count(const std::string& stream);
  std::int64_t max_waiting(const std::string& stream, const std::string& consumer);

 private:
  ConnectionHandle connection_;
  JetStreamHandle jetstream_;
};

}  // namespace tintype
