// Program: another program, run by a test, with its output.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace tintype::testing {

struct Ended {
  int status = -1;  // exit status; 128 + the signal that ended it
  std::string out;  // stdout
  std::string err;  // stderr
};

class Program {
 public:
  // Starts argv[0] with stdin from /dev/null. `environment`: "NAME=value", added to ours.
  explicit Program(std::vector<std::string> argv, std::vector<std::string> environment = {});
  ~Program();  // kills it if it runs

  void signal(int number) const;
  Ended wait();
  std::string err_so_far() const;
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  std::string out_file_, err_file_;
};

inline Ended run(std::vector<std::string> argv, std::vector<std::string> environment = {}) {
  return Program(std::move(argv), std::move(environment)).wait();
}

}  // namespace tintype::testing
