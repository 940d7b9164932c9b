#include "workers/fpga/emulation/card.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "kernels/hls/signatures.h"
#include "kernels/hls/simulation/dataflow.h"
#include "workers/fpga/emulation/bus_errors.h"

namespace tintype::emulation {
namespace {

constexpr std::uint8_t kHostPoison = 0x5A;  // of a buffer's host side
constexpr std::size_t kRegisterBytes = 0x1000;

bool may_run(const std::vector<std::uint32_t>& masks, std::uint32_t unit) {
  return unit / 32 < masks.size() && (masks[unit / 32] >> (unit % 32) & 1) != 0;
}

}  // namespace

Ledger& Ledger::of_process() {
  static Ledger ledger;
  return ledger;
}

Settings Ledger::begin(const std::string& text) {
  const std::lock_guard held(mutex_);
  if (text != text_) {
    calls_.clear();
    allocations_.clear();
    lost_.clear();
  }
  text_ = text;
  Settings settings;
  if (!parse_settings(text, settings) || settings.faulty_kernel > kernel_signatures().size()) {
    std::fprintf(stderr, "TINTYPE_FPGA_EMULATION=%s says something unknown; there are no emulated cards\n",
                 text.c_str());
    settings.cards = 0;
  }
  return settings;
}

std::uint64_t Ledger::count_call(unsigned card) {
  const std::lock_guard held(mutex_);
  return ++calls_[card];
}

std::uint64_t Ledger::count_allocation(unsigned card) {
  const std::lock_guard held(mutex_);
  return ++allocations_[card];
}

void Ledger::lose(unsigned card) {
  const std::lock_guard held(mutex_);
  lost_[card] = true;
}

bool Ledger::is_lost(unsigned card) {
  const std::lock_guard held(mutex_);
  return lost_[card];
}

Card::Card(unsigned index, const Settings& settings)
    : index_(index), settings_(settings), memory_(settings.memory_mb << 20), random_(settings.seed + index) {}

Card::~Card() {
  stop_units();
  for (auto& [handle, buffer] : buffers_) {
    if (buffer.is_own) std::free(buffer.host);
  }
}

void Card::stop_units() {
  {
    const std::lock_guard held(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  is_stopping_ = false;
}

int Card::load(const axlf* xclbin) {
  const std::string uuid(reinterpret_cast<const char*>(xclbin->m_header.uuid), sizeof xclbin->m_header.uuid);
  if (uuid == loaded_) return 0;
  const auto* section = ::xclbin::get_axlf_section(xclbin, IP_LAYOUT);
  if (!section) return -EINVAL;
  const auto* layout =
      reinterpret_cast<const ip_layout*>(reinterpret_cast<const char*>(xclbin) + section->m_sectionOffset);
  std::vector<std::string> units;
  for (int i = 0; i < layout->m_count; ++i) {
    const std::string name = reinterpret_cast<const char*>(layout->m_ip_data[i].m_name);
    units.push_back(name.substr(0, name.find(':')));
    if (!find_kernel(units.back())) return -ENOENT;
  }
  stop_units();
  units_ = std::move(units);
  loaded_ = uuid;
  for (std::uint32_t unit = 0; unit < units_.size(); ++unit) threads_.emplace_back([this, unit] { serve(unit); });
  return 0;
}

unsigned Card::allocate(std::uint8_t* user, std::size_t bytes, unsigned flags) {
  Buffer made{user, user == nullptr, bytes, flags, 0};
  const bool is_command = (flags & XCL_BO_FLAGS_EXECBUF) != 0;
  if (!is_command && (flags & XCL_BO_FLAGS_HOST_ONLY) == 0) {
    if (!strikes(settings_.no_room, Ledger::of_process().count_allocation(index_)))
      made.address = memory_.allocate(bytes);
    if (made.address == 0) return XRT_NULL_BO;
  }
  if (made.is_own && (flags & XCL_BO_FLAGS_DEV_ONLY) == 0) {
    const std::size_t size = (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
    made.host = static_cast<std::uint8_t*>(std::aligned_alloc(kPageBytes, size));
    if (!made.host) return XRT_NULL_BO;
    std::memset(made.host, is_command ? 0 : kHostPoison, size);
  }
  const std::lock_guard held(mutex_);
  buffers_[next_handle_] = made;
  return next_handle_++;
}

void Card::free(unsigned handle) {
  Buffer buffer;
  {
    const std::lock_guard held(mutex_);
    const auto found = buffers_.find(handle);
    if (found == buffers_.end()) return;
    buffer = found->second;
    buffers_.erase(found);
    for (auto* list : {&queued_, &running_}) {
      for (const CommandPtr& command : *list) {
        if (command->handle == handle) command->packet = nullptr;
      }
    }
  }
  if (buffer.address != 0) memory_.free(buffer.address);
  if (buffer.is_own) std::free(buffer.host);
}

std::optional<Buffer> Card::buffer(unsigned handle) {
  const std::lock_guard held(mutex_);
  const auto found = buffers_.find(handle);
  if (found == buffers_.end()) return std::nullopt;
  return found->second;
}

int Card::sync(unsigned handle, bool to_card, std::size_t bytes, std::size_t offset) {
  if (Ledger::of_process().is_lost(index_)) return -ENODEV;
  const auto found = buffer(handle);
  if (!found || offset > found->bytes || bytes > found->bytes - offset) return -EINVAL;
  if (found->address == 0 || !found->host) return 0;
  std::uint8_t* on_card = memory_.at(found->address) + offset;
  std::memcpy(to_card ? on_card : found->host + offset, to_card ? found->host + offset : on_card, bytes);
  return 0;
}

int Card::submit(unsigned command_handle) {
  if (Ledger::of_process().is_lost(index_)) return -ENODEV;
  const auto found = buffer(command_handle);
  if (!found || !found->host) return -EINVAL;
  auto* packet = reinterpret_cast<ert_start_kernel_cmd*>(found->host);
  if (packet->opcode == ERT_ABORT) {
    const int result = abort(reinterpret_cast<ert_abort_cmd*>(packet)->exec_bo_handle);
    const std::lock_guard held(mutex_);
    packet->state = ERT_CMD_STATE_COMPLETED;
    ++ended_;
    changed_.notify_all();
    return result;
  }
  if (packet->opcode != ERT_START_CU) return -ENOTSUP;
  auto command = std::make_shared<Command>(packet, command_handle);
  command->units.push_back(packet->cu_mask);
  for (unsigned i = 0; i < packet->extra_cu_masks; ++i) command->units.push_back(packet->data[i]);
  command->registers.resize(kRegisterBytes);
  const std::size_t words = packet->count - 1 - packet->extra_cu_masks;
  std::memcpy(command->registers.data(), packet->data + packet->extra_cu_masks, std::min(words * 4, kRegisterBytes));
  const std::lock_guard held(mutex_);
  packet->state = ERT_CMD_STATE_QUEUED;
  queued_.push_back(std::move(command));
  changed_.notify_all();
  return 0;
}

int Card::abort(std::uint64_t handle) {
  const std::lock_guard held(mutex_);
  for (auto* list : {&queued_, &running_}) {
    for (const CommandPtr& command : *list) {
      if (command->handle == handle) command->is_aborted = true;
    }
  }
  changed_.notify_all();
  return 0;
}

int Card::wait(int timeout_ms) {
  std::unique_lock held(mutex_);
  if (!changed_.wait_for(held, std::chrono::milliseconds(timeout_ms), [this] { return ended_ > 0; })) return 0;
  --ended_;
  return 1;
}

void Card::serve(std::uint32_t unit) {
  std::unique_lock held(mutex_);
  while (const CommandPtr command = take(unit, held)) {
    running_.push_back(command);
    if (command->packet) command->packet->state = ERT_CMD_STATE_RUNNING;
    const ert_cmd_state state = execute(units_[unit], *command, held);
    std::erase(running_, command);
    end(*command, state);
  }
}

Card::CommandPtr Card::take(std::uint32_t unit, std::unique_lock<std::mutex>& held) {
  CommandPtr taken;
  changed_.wait(held, [&] {
    const auto found =
        std::ranges::find_if(queued_, [&](const CommandPtr& command) { return may_run(command->units, unit); });
    if (found == queued_.end() || is_stopping_) return is_stopping_;
    taken = *found;
    queued_.erase(found);
    return true;
  });
  return taken;
}

void Card::end(Command& command, ert_cmd_state state) {
  if (command.packet) command.packet->state = state;
  ++ended_;
  changed_.notify_all();
}

// Called and left with the lock held; the kernel runs without it.
ert_cmd_state Card::execute(const std::string& kernel, const Command& command, std::unique_lock<std::mutex>& held) {
  const bool is_counted =
      settings_.faulty_kernel == 0 || find_kernel(kernel) == &kernel_signatures()[settings_.faulty_kernel - 1];
  const std::uint64_t call = is_counted ? Ledger::of_process().count_call(index_) : 0;
  if (strikes(settings_.lose, call)) Ledger::of_process().lose(index_);
  if (Ledger::of_process().is_lost(index_)) return ERT_CMD_STATE_ERROR;
  if (strikes(settings_.hang, call)) {
    changed_.wait(held, [&] { return command.is_aborted || is_stopping_; });
    return ERT_CMD_STATE_ABORT;
  }
  const auto delay = std::chrono::microseconds(settings_.delay_us == 0 ? 0 : random_() % settings_.delay_us);
  held.unlock();
  std::this_thread::sleep_for(delay);
  const ert_cmd_state state =
      strikes(settings_.error, call) ? ERT_CMD_STATE_ERROR : run_kernel(kernel, command, strikes(settings_.flip, call));
  held.lock();
  return state;
}

bool Card::strikes(std::uint64_t first, std::uint64_t count) const {
  return first != 0 && index_ == settings_.faulty_card && count >= first && count < first + settings_.faults;
}

ert_cmd_state Card::run_kernel(const std::string& kernel, const Command& command, bool flips_a_bit) {
  const KernelSignature& signature = *find_kernel(kernel);
  std::vector<std::uint64_t> values;
  for (const KernelParameter& parameter : signature.parameters) {
    std::uint64_t value = 0;
    std::memcpy(&value, command.registers.data() + parameter.register_at, parameter.register_bytes);
    if (parameter.is_memory) value = reinterpret_cast<std::uint64_t>(memory_.at(value));
    if (parameter.is_memory && value == 0) return ERT_CMD_STATE_ERROR;
    values.push_back(value);
  }
  try {
    if (!run_on_bus([&] { signature.run(values.data()); })) return ERT_CMD_STATE_ERROR;
  } catch (const hls_simulation::Deadlock& deadlock) {
    std::fprintf(stderr, "emulated card: %s: %s\n", kernel.c_str(), deadlock.what());
    return ERT_CMD_STATE_TIMEOUT;
  }
  for (std::size_t i = 0; flips_a_bit && i < values.size(); ++i) {
    if (!signature.parameters[i].is_written) continue;
    // One that counts, whether samples or levels are there.
    reinterpret_cast<std::uint8_t*>(values[i])[1] ^= 8;
    flips_a_bit = false;
  }
  return ERT_CMD_STATE_COMPLETED;
}

}  // namespace tintype::emulation
