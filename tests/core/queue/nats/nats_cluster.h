// Three nats-servers that are one cluster, on loopback, for tests: each may be killed or hang.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "core/base/log.h"
#include "core/base/result.h"
#include "core/base/unique_fd.h"
#include "core/queue/nats/server_process.h"
#include "tests/core/queue/temporary_folder.h"

namespace tintype {

class NatsCluster {
 public:
  // User "farm", password "secret". Aborts the test program when nats-server cannot be found.
  explicit NatsCluster(Logger& log);

  std::string urls() const;  // comma-separated
  // A server that is killed starts again.
  void signal(int server, int signal_number) const;
  // Which of them leads the stream.
  Result<int> leader_of(const std::string& stream) const;
  // The last lines that the servers wrote, for a test that fails.
  std::string last_output() const;

 private:
  TemporaryFolder folder_;
  std::array<std::uint16_t, 3> ports_{};
  UniqueFd output_;
  std::array<std::unique_ptr<ServerProcess>, 3> servers_;
};

}  // namespace tintype
