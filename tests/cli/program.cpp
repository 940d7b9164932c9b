#include "tests/cli/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace tintype::testing {
namespace {

std::string temp_file() {
  std::string name = (std::filesystem::temp_directory_path() / "tintype-output-XXXXXX").string();
  ::close(::mkstemp(name.data()));
  return name;
}

std::string contents(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string taken(const std::string& file) {
  std::string text = contents(file);
  std::filesystem::remove(file);
  return text;
}

}  // namespace

Program::Program(std::vector<std::string> argv, std::vector<std::string> environment)
    : out_file_(temp_file()), err_file_(temp_file()) {
  std::vector<char*> words;
  for (std::string& word : argv) words.push_back(word.data());
  words.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ != 0) return;
  ::dup2(::open("/dev/null", O_RDONLY), 0);
  ::dup2(::open(out_file_.c_str(), O_WRONLY), 1);
  ::dup2(::open(err_file_.c_str(), O_WRONLY), 2);
  for (std::string& setting : environment) ::putenv(setting.data());
  ::execvp(words[0], words.data());
  ::_exit(127);
}

Program::~Program() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  wait();
}

void Program::signal(int number) const { ::kill(pid_, number); }

Ended Program::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), taken(out_file_), taken(err_file_)};
}

std::string Program::err_so_far() const { return contents(err_file_); }

}  // namespace tintype::testing
