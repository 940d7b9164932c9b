#include "bench/support/farm_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace tintype::bench {
namespace {

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::_Exit(1);
}

}  // namespace

ServedFarm::ServedFarm(const std::string& data_dir, std::vector<std::string> options) {
  namespace fs = std::filesystem;
  const std::string program = fs::read_symlink("/proc/self/exe").parent_path() / "tintype";
  const std::string port_file = data_dir + ".port";
  const std::string log_file = data_dir + ".log";
  fs::remove(port_file);
  std::vector<std::string> words = {program,       "serve",       "--data",  data_dir,     "--listen",
                                    "127.0.0.1:0", "--port-file", port_file, "--log-file", log_file};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::execv(argv[0], argv.data());
    std::_Exit(127);
  }
  for (int i = 0; i < 3000; ++i) {
    std::string url;
    if (std::getline(std::ifstream(port_file), url)) {
      port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
      return;
    }
    if (::waitpid(pid_, nullptr, WNOHANG) != 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  give_up("the farm did not come up; see " + log_file);
}

ServedFarm::~ServedFarm() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace tintype::bench
