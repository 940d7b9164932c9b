#include <experimental/xrt_xclbin.h>
#include <xrt/xrt_device.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "kernels/hls/signatures.h"
#include "workers/fpga/compute_unit.h"
#include "workers/fpga/fpga_card.h"
#include "workers/fpga/fpga_devices.h"
#include "workers/fpga/xclbin_file.h"
#include "workers/fpga/xrt_call.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

struct Waiting {
  KernelCall call;
  milliseconds timeout;
  FpgaCard::Done done;
};

struct Started {
  Waiting what;
  Clock::time_point deadline;
};

struct OpenedCard {
  xrt::device device;
  xrt::uuid uuid;
  std::vector<ComputeUnit> units;  // as the xclbin has them
};

Result<OpenedCard> open_card(const FpgaCardConfig& config, const FpgaXclbin& xclbin) {
  const std::string card = "card " + std::to_string(config.index);
  OpenedCard opened;
  TT_ASSIGN(opened.device, xrt_call("opening " + card, [&] { return xrt::device(config.index); }));
  TT_ASSIGN(opened.uuid,
            xrt_call("loading " + config.xclbin_path, [&] { return opened.device.load_xclbin(config.xclbin_path); }));
  for (const FpgaUnit& unit : xclbin.units) {
    TT_ASSIGN(ComputeUnit made, ComputeUnit::open(opened.device, opened.uuid, unit.kernel, unit.name));
    opened.units.push_back(std::move(made));
  }
  return opened;
}

bool has_arguments_of(const xrt::xclbin::kernel& kernel, const KernelSignature& signature) {
  return std::ranges::equal(kernel.get_args(), signature.parameters,
                            [](const xrt::xclbin::arg& has, const KernelParameter& takes) {
                              return has.get_name() == takes.name && has.get_size() == takes.register_bytes;
                            });
}

class XrtCard : public FpgaCard {
 public:
  XrtCard(const FpgaCardConfig& config, FpgaXclbin xclbin, OpenedCard opened)
      : config_(config),
        xclbin_(std::move(xclbin)),
        supervisor_([this, first = std::move(opened)]() mutable { supervise(std::move(first)); }) {}

  ~XrtCard() override {
    {
      const std::lock_guard held(mutex_);
      is_stopping_ = true;
    }
    changed_.notify_all();
    supervisor_.join();
    refuse_all({ErrorCode::kCancelled, "the FPGA card was closed"});
  }

  const FpgaXclbin& xclbin() const override { return xclbin_; }

  void submit(KernelCall call, milliseconds timeout, Done done) override {
    Status taken = check_call(call);
    if (taken) taken = queue(call, timeout, done);
    if (!taken) done(std::move(taken));
  }

  FpgaCardHealth health() const override {
    const std::lock_guard held(mutex_);
    return health_;
  }

 private:
  // Leaves call and done alone when it fails.
  Status queue(KernelCall& call, milliseconds timeout, Done& done) {
    {
      const std::lock_guard held(mutex_);
      if (!health_.is_in_service) return fail(ErrorCode::kUnavailable, health_.reason);
      std::deque<Waiting>& calls = waiting_[call.kernel];
      calls.push_back({std::move(call), timeout, std::move(done)});
    }
    changed_.notify_all();
    return {};
  }

  // Lets the units work until one is in trouble and all have ended what they had; then opens the card anew.
  void supervise(OpenedCard first) {
    std::optional<OpenedCard> card(std::move(first));
    while (card) {
      {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < card->units.size(); ++i)
          threads.emplace_back([this, &unit = card->units[i], &of = xclbin_.units[i]] { serve(unit, of.kernel); });
      }
      card.reset();
      if (!begin_reset()) break;
      auto again = open_card(config_, xclbin_);
      if (again) {
        card = std::move(*again);
      } else {
        go_out_of_service(again.error().message);
      }
    }
  }

  // False: there is to be none.
  bool begin_reset() {
    std::string reason;
    {
      const std::lock_guard held(mutex_);
      if (is_stopping_) return false;
      is_in_trouble_ = false;
      ++health_.resets;
      if (++resets_in_a_row_ <= config_.most_resets) return true;
      reason = "FPGA card " + std::to_string(config_.index) + " failed " + std::to_string(resets_in_a_row_) +
               " times in a row, the last time: " + last_trouble_;
    }
    go_out_of_service(reason);
    return false;
  }

  // One compute unit's thread.
  void serve(ComputeUnit& unit, const std::string& kernel) {
    std::deque<Started> started;
    while (true) {
      std::optional<Waiting> next;
      if (started.size() < ComputeUnit::kMostStarted) next = take(kernel, started.empty());
      if (next) {
        const Status begun = unit.start(next->call);
        if (begun) {
          const auto deadline = Clock::now() + next->timeout;
          started.push_back({std::move(*next), deadline});
        } else {
          settle(*next, begun);
        }
      } else if (started.empty()) {
        return;
      } else if (!end_oldest(unit, started)) {
        return;
      }
    }
  }

  // False: the unit is of no use any more, and nothing is on its way.
  bool end_oldest(ComputeUnit& unit, std::deque<Started>& started) {
    const auto left = std::chrono::ceil<milliseconds>(started.front().deadline - Clock::now());
    const Status ended = unit.finish(started.front().what.call, left);
    settle(started.front().what, ended);
    started.pop_front();
    if (ended) return true;
    unit.abandon();
    for (Started& one : started)
      settle(one.what, fail(ErrorCode::kUnavailable, "the FPGA card is reset: " + ended.error().message));
    return false;
  }

  // Nothing if the unit is to end, or, unless it `may_wait`, if there is nothing now.
  std::optional<Waiting> take(const std::string& kernel, bool may_wait) {
    std::unique_lock held(mutex_);
    std::deque<Waiting>& calls = waiting_[kernel];
    const auto is_to_end = [this] { return is_stopping_ || is_in_trouble_; };
    if (may_wait) changed_.wait(held, [&] { return is_to_end() || !calls.empty(); });
    if (is_to_end() || calls.empty()) return std::nullopt;
    Waiting taken = std::move(calls.front());
    calls.pop_front();
    return taken;
  }

  // No room on the card is the call's own trouble; everything else is the card's.
  void settle(Waiting& call, const Status& ended) {
    {
      const std::lock_guard held(mutex_);
      ++(ended ? health_.calls_done : health_.calls_failed);
      if (ended) {
        resets_in_a_row_ = 0;
      } else if (ended.error().code != ErrorCode::kOutOfMemory) {
        is_in_trouble_ = true;
        last_trouble_ = ended.error().message;
      }
    }
    changed_.notify_all();
    call.done(ended);
  }

  void go_out_of_service(const std::string& reason) {
    {
      const std::lock_guard held(mutex_);
      health_.is_in_service = false;
      health_.reason = reason;
    }
    refuse_all({ErrorCode::kUnavailable, reason});
  }

  void refuse_all(const Error& why) {
    std::vector<Waiting> all;
    {
      const std::lock_guard held(mutex_);
      for (auto& [kernel, calls] : waiting_) {
        std::ranges::move(calls, std::back_inserter(all));
        calls.clear();
      }
    }
    for (Waiting& one : all) one.done(fail(why));
  }

  const FpgaCardConfig config_;
  const FpgaXclbin xclbin_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::deque<Waiting>> waiting_;  // by kernel
  bool is_stopping_ = false;
  bool is_in_trouble_ = false;
  int resets_in_a_row_ = 0;
  std::string last_trouble_;
  FpgaCardHealth health_;
  std::thread supervisor_;  // last: it uses all of the above
};

}  // namespace

Result<FpgaXclbin> read_xclbin(const std::string& path) {
  const auto refused = [&](const std::string& why) {
    return fail(ErrorCode::kInvalidArgument, path + why + "; build one as deploy/fpga/README.md says");
  };
  FpgaXclbin read;
  std::string other_version;  // a kernel of one
  const Result<std::vector<char>> bytes = read_xclbin_file(path);
  if (!bytes) return refused(" is no xclbin that can be read (" + bytes.error().message + ")");
  try {
    const xrt::xclbin file(*bytes);
    read = {file.get_uuid().to_string(),
            file.get_xsa_name(),
            file.get_target_type() == xrt::xclbin::target_type::hw_emu,
            {}};
    for (const auto& kernel : file.get_kernels()) {
      const KernelSignature* signature = find_kernel(kernel.get_name());
      if (!signature) continue;
      if (!has_arguments_of(kernel, *signature)) other_version = kernel.get_name();
      for (const auto& unit : kernel.get_cus()) {
        const std::string name = unit.get_name();  // "kernel:unit"
        read.units.push_back({kernel.get_name(), name.substr(name.find(':') + 1)});
      }
    }
  } catch (const std::exception& error) {
    return refused(std::string(" is no xclbin that can be read (") + error.what() + ")");
  }
  for (const KernelSignature& needed : kernel_signatures()) {
    if (std::ranges::contains(read.units, needed.name, &FpgaUnit::kernel)) continue;
    return refused(" has no kernel " + std::string(needed.name));
  }
  if (!other_version.empty())
    return refused(" was built of another version of Tintype: its kernel " + other_version + " takes other arguments");
  if (read.is_emulation != has_emulated_cards()) {
    return refused(read.is_emulation ? " is for emulated cards, and XCL_EMULATION_MODE is not set"
                                     : " is for real cards, and XCL_EMULATION_MODE is set");
  }
  return read;
}

Result<std::unique_ptr<FpgaCard>> FpgaCard::open(const FpgaCardConfig& config) {
  if (const std::string why = why_no_xrt(); !why.empty()) return fail(ErrorCode::kUnavailable, why);
  TT_ASSIGN(FpgaXclbin xclbin, read_xclbin(config.xclbin_path));
  TT_ASSIGN(OpenedCard opened, open_card(config, xclbin));
  return std::make_unique<XrtCard>(config, std::move(xclbin), std::move(opened));
}

}  // namespace tintype
