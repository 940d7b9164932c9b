// ProgressView: how far a run is, live: two lines redrawn on a terminal, a line now and then elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace tintype {

struct Progress {
  std::uint64_t photos = 0;  // of the whole run, those that earlier runs ended included
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::uint64_t bytes = 0;        // of all sources that are not ended from before
  std::uint64_t bytes_ended = 0;  // of those that this run ended
  std::uint64_t bytes_in = 0;     // sources of all photos that are done
  std::uint64_t bytes_out = 0;    // their variants
  std::uint64_t ended_now = 0;    // photos that this run ended
  std::uint64_t in_farm = 0;      // photos under way
  std::string trouble;            // why nothing moves; empty: it does
};

// The lines, pure. `seconds`: since the start; `columns`: no line is wider.
std::vector<std::string> progress_lines(const Progress& progress, double seconds, double seconds_left,
                                        std::size_t columns);
// One line for a log.
std::string progress_line(const Progress& progress, double seconds, double seconds_left);

// Guesses the time left from the pace of the last half minute or so.
class TimeLeft {
 public:
  // `ended` of `all` bytes at `seconds` since the start; negative: not known yet.
  double update(std::uint64_t ended, std::uint64_t all, double seconds);

 private:
  double pace_ = 0;  // bytes a second
  double last_seconds_ = 0;
  std::uint64_t last_ended_ = 0;
};

class ProgressView {
 public:
  // Draws on `fd`; `live` if it is a terminal.
  ProgressView(int fd, bool live);

  // How long the caller may wait until the next update is worth it.
  std::chrono::milliseconds pace() const;
  // Draws if it is time.
  void update(const Progress& progress);
  // A line of its own, above what is live.
  void say(const std::string& line);
  // Draws the end; nothing is live after.
  void finish(const Progress& progress);

 private:
  double seconds() const;
  void draw(const Progress& progress);
  std::string erasing();

  int fd_;
  bool live_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point next_draw_;
  TimeLeft time_left_;
  std::size_t lines_up_ = 0;  // drawn and still live
};

}  // namespace tintype
