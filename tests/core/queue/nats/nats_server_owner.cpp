// Starts a nats-server in the folder given and prints its pid; then waits to be killed.
#include <unistd.h>

#include <cstdio>

#include "core/queue/nats/nats_server.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  tintype::Logger log(tintype::LogLevel::kWarning);
  auto server = tintype::start_nats_server({.data_dir = argv[1]}, log);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().to_string().c_str());
    return 1;
  }
  std::printf("%d\n", (*server)->pid());
  std::fflush(stdout);
  while (true) pause();
}
