// Card: a model of an FPGA card behind XRT's driver interface: memory of its own, a thread for each compute unit that
// an xclbin names, commands that end in whatever order the units are done in, and faults when they are asked for. The
// kernels themselves are the HLS sources.
#pragma once

#include <ert.h>
#include <xclbin.h>
#include <xrt.h>

#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "workers/fpga/emulation/card_memory.h"
#include "workers/fpga/emulation/settings.h"

namespace tintype::emulation {

// What becomes of the cards of a process over the times they are opened.
class Ledger {
 public:
  static Ledger& of_process();
  // Starts over when they are other settings than the last.
  Settings begin(const std::string& text);
  std::uint64_t count_call(unsigned card);
  std::uint64_t count_allocation(unsigned card);
  void lose(unsigned card);
  bool is_lost(unsigned card);

 private:
  std::mutex mutex_;
  std::string text_;
  std::map<unsigned, std::uint64_t> calls_, allocations_;
  std::map<unsigned, bool> lost_;
};

struct Buffer {
  std::uint8_t* host = nullptr;
  bool is_own = false;  // the host's side
  std::size_t bytes = 0;
  unsigned flags = 0;
  std::uint64_t address = 0;  // 0: none on the card
};

// Thread-safe. Errors are negative errnos, as in XRT's driver interface.
class Card {
 public:
  Card(unsigned index, const Settings& settings);
  ~Card();

  int load(const axlf* xclbin);
  // `user` may be null. XRT_NULL_BO: no room.
  unsigned allocate(std::uint8_t* user, std::size_t bytes, unsigned flags);
  void free(unsigned handle);
  std::optional<Buffer> buffer(unsigned handle);
  int sync(unsigned handle, bool to_card, std::size_t bytes, std::size_t offset);
  int submit(unsigned command_handle);
  // As xclExecWait: 0 if nothing ended within `timeout_ms`.
  int wait(int timeout_ms);

 private:
  struct Command {
    ert_start_kernel_cmd* packet;  // null once XRT has freed it
    unsigned handle;
    std::vector<std::uint32_t> units;  // bit masks of those that may run it
    std::vector<std::uint8_t> registers;
    bool is_aborted = false;
  };
  using CommandPtr = std::shared_ptr<Command>;

  void stop_units();
  void serve(std::uint32_t unit);
  CommandPtr take(std::uint32_t unit, std::unique_lock<std::mutex>& held);
  ert_cmd_state execute(const std::string& kernel, const Command& command, std::unique_lock<std::mutex>& held);
  bool strikes(std::uint64_t first, std::uint64_t count) const;
  ert_cmd_state run_kernel(const std::string& kernel, const Command& command, bool flips_a_bit);
  void end(Command& command, ert_cmd_state state);
  int abort(std::uint64_t handle);

  const unsigned index_;
  const Settings settings_;
  CardMemory memory_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_stopping_ = false;
  std::mt19937_64 random_;
  std::map<unsigned, Buffer> buffers_;
  unsigned next_handle_ = 1;
  std::string loaded_;              // uuid
  std::vector<std::string> units_;  // the kernel of each
  std::vector<std::thread> threads_;
  std::list<CommandPtr> queued_, running_;
  int ended_ = 0;
};

}  // namespace tintype::emulation
