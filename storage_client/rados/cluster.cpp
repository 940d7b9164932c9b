#include "storage_client/rados/cluster.h"

#include <cerrno>
#include <cstring>
#include <format>
#include <random>
#include <thread>

#include <rados/librados.h>

namespace tintype::rados {
namespace {

constexpr auto kPauseBeforeRepeating = std::chrono::milliseconds(20);
// What a call has left at least when a request is sent again. An attempt may take longer than that: one sent in a
// call's last moment, as the fifth of five seconds each in twenty, would make it a whole attempt late.
constexpr auto kLeastForAnotherAttempt = std::chrono::milliseconds(500);
constexpr std::uint64_t kRowsOfOneAnswer = 1024;  // what an OSD answers at most, whatever is asked

struct ClosePool {
  void operator()(void* io) const { rados_ioctx_destroy(io); }
};
struct ReleaseCompletion {
  void operator()(void* completion) const { rados_aio_release(completion); }
};
struct ReleaseWrite {
  void operator()(void* op) const { rados_release_write_op(op); }
};
struct ReleaseRead {
  void operator()(void* op) const { rados_release_read_op(op); }
};
struct EndRows {
  void operator()(void* rows) const { rados_omap_get_end(rows); }
};
using PoolHandle = std::unique_ptr<void, ClosePool>;
using Completion = std::unique_ptr<void, ReleaseCompletion>;
using WriteHandle = std::unique_ptr<void, ReleaseWrite>;
using ReadHandle = std::unique_ptr<void, ReleaseRead>;
using RowsHandle = std::unique_ptr<void, EndRows>;

Error error_of(int code, const std::string& doing) {
  switch (-code) {
    case ETIMEDOUT:
      return {ErrorCode::kTimedOut, doing + ": the cluster did not answer within the deadline, look at ceph status"};
    case ENOSPC:
    case EDQUOT:
      return {ErrorCode::kStorageFull, doing + ": the cluster is full, add OSDs or delete photos"};
    case ENOENT:
      return {ErrorCode::kNotFound, doing + ": it does not exist"};
    case EACCES:
    case EPERM:
      return {ErrorCode::kDenied,
              doing + ": the cluster refused this user, check its key and that it has rwx on both pools"};
    case EOPNOTSUPP:
      return {ErrorCode::kUnsupported, doing + ": the OSDs lack Ceph's object class numops, see osd_class_load_list"};
    case ESHUTDOWN:
    case ENOTCONN:
    case ECONNREFUSED:
    case EAGAIN:
    case EBUSY:
      return {ErrorCode::kUnavailable, doing + ": the cluster cannot be reached now, look at ceph status"};
    default:
      return {ErrorCode::kIo, std::format("{}: {} (from Ceph), look at ceph status", doing, std::strerror(-code))};
  }
}

bool may_pass(int code) { return code == -ETIMEDOUT || code == -EAGAIN || code == -EBUSY; }

Completion new_completion() {
  rados_completion_t completion = nullptr;
  rados_aio_create_completion2(nullptr, nullptr, &completion);
  return Completion(completion);
}

// What Ceph's own object class "numops" is told: two strings, each after its length in four bytes.
std::string addition_of(const std::string& key, std::int64_t number) {
  std::string out;
  for (const std::string& text : {key, std::to_string(number)}) {
    for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(text.size() >> shift & 0xff);
    out += text;
  }
  return out;
}

WriteHandle handle_of(const Write& write) {
  WriteHandle op(rados_create_write_op());
  if (write.create) rados_write_op_create(op.get(), LIBRADOS_CREATE_IDEMPOTENT, nullptr);
  for (const auto& [key, value] : write.expect) {
    rados_write_op_omap_cmp2(op.get(), key.data(), LIBRADOS_CMPXATTR_OP_EQ, value.data(), key.size(), value.size(),
                             nullptr);
  }
  for (const auto& [from, end] : write.erase_ranges) {
    rados_write_op_omap_rm_range2(op.get(), from.data(), from.size(), end.data(), end.size());
  }
  std::vector<const char*> keys, values;
  std::vector<std::size_t> key_sizes, value_sizes;
  for (const std::string& key : write.erase) {
    keys.push_back(key.data());
    key_sizes.push_back(key.size());
  }
  if (!keys.empty()) rados_write_op_omap_rm_keys2(op.get(), keys.data(), key_sizes.data(), keys.size());
  for (const auto& [key, number] : write.add) {
    const std::string addition = addition_of(key, number);
    rados_write_op_exec(op.get(), "numops", "add", addition.data(), addition.size(), nullptr);
  }
  keys.clear();
  key_sizes.clear();
  for (const auto& [key, value] : write.set) {
    keys.push_back(key.data());
    key_sizes.push_back(key.size());
    values.push_back(value.data());
    value_sizes.push_back(value.size());
  }
  if (!keys.empty()) {
    rados_write_op_omap_set2(op.get(), keys.data(), values.data(), key_sizes.data(), value_sizes.data(), keys.size());
  }
  for (const auto& [offset, size] : write.zero) rados_write_op_zero(op.get(), offset, size);
  for (const auto& [offset, bytes] : write.data) {
    rados_write_op_write(op.get(), reinterpret_cast<const char*>(bytes.data()), bytes.size(), offset);
  }
  if (write.remove) rados_write_op_remove(op.get());
  return op;
}

class SentWrite final : public PendingWrite {
 public:
  SentWrite(rados_ioctx_t io, const FaultPlan& faults, std::string object, Write write, Deadline deadline)
      : io_(io), faults_(faults), object_(std::move(object)), write_(std::move(write)), deadline_(deadline) {
    send();
  }
  ~SentWrite() override {
    if (completion_) rados_aio_wait_for_complete(completion_.get());
  }

  Result<WriteAnswer> wait() override {
    bool unsure = false;
    while (true) {
      const int code = answer();
      if (code >= 0) return WriteAnswer{true, unsure};
      if (code == -ECANCELED) return WriteAnswer{false, unsure};
      if (!may_pass(code) || deadline_.passes_within(kLeastForAnotherAttempt))
        return fail(error_of(code, "writing " + object_));
      unsure |= code == -ETIMEDOUT;
      if (code != -ETIMEDOUT) std::this_thread::sleep_for(kPauseBeforeRepeating);
      send();
    }
  }

 private:
  void send() {
    fault_ = faults_ ? faults_(object_) : InjectedFault::kNone;
    if (fault_ == InjectedFault::kBefore) return;
    completion_ = new_completion();
    const WriteHandle op = handle_of(write_);
    // FULL_TRY: a full cluster refuses at once; without it the request waits for space.
    const int refused = rados_aio_write_op_operate2(op.get(), io_, completion_.get(), object_.c_str(), nullptr,
                                                    LIBRADOS_OPERATION_FULL_TRY);
    if (refused < 0) {
      completion_.reset();
      refused_ = refused;
    }
  }

  int answer() {
    if (fault_ == InjectedFault::kBefore) return -ETIMEDOUT;
    if (!completion_) return refused_;
    rados_aio_wait_for_complete(completion_.get());
    const int code = rados_aio_get_return_value(completion_.get());
    completion_.reset();
    return fault_ == InjectedFault::kAfter ? -ETIMEDOUT : code;
  }

  rados_ioctx_t io_;
  const FaultPlan& faults_;
  const std::string object_;
  const Write write_;
  const Deadline deadline_;
  Completion completion_;
  int refused_ = 0;
  InjectedFault fault_ = InjectedFault::kNone;
};

Rows taken(rados_omap_iter_t handle) {
  const RowsHandle rows(handle);
  Rows out;
  if (!rows) return out;
  char* key = nullptr;
  char* value = nullptr;
  std::size_t key_size = 0;
  std::size_t value_size = 0;
  while (rados_omap_get_next2(rows.get(), &key, &value, &key_size, &value_size) == 0 && key != nullptr) {
    out.emplace_back(std::string(key, key_size), std::string(value, value_size));
  }
  return out;
}

class SentRead final : public PendingRead {
 public:
  SentRead(rados_ioctx_t io, std::string object, Read read, Deadline deadline)
      : io_(io), object_(std::move(object)), read_(std::move(read)), deadline_(deadline) {
    send();
  }
  ~SentRead() override { discard(); }

  Result<ReadAnswer> wait() override {
    while (true) {
      int code = refused_;
      if (completion_) {
        rados_aio_wait_for_complete(completion_.get());
        code = rados_aio_get_return_value(completion_.get());
      }
      if (code == -ENOENT) {
        discard();
        ReadAnswer absent;
        absent.pages.resize(read_.ranges.size());
        return absent;
      }
      if (code >= 0) return take();
      discard();
      if (!may_pass(code) || deadline_.passes_within(kLeastForAnotherAttempt))
        return fail(error_of(code, "reading " + object_));
      if (code != -ETIMEDOUT) std::this_thread::sleep_for(kPauseBeforeRepeating);
      send();
    }
  }

 private:
  struct Page {
    rados_omap_iter_t rows = nullptr;
    unsigned char more = 0;
    int code = 0;
  };

  void send() {
    refused_ = 0;
    pages_.assign(read_.ranges.size(), {});
    by_key_ = {};
    data_size_ = 0;
    const ReadHandle op(rados_create_read_op());
    rados_read_op_assert_exists(op.get());
    std::vector<const char*> keys;
    std::vector<std::size_t> sizes;
    for (const std::string& key : read_.keys) {
      keys.push_back(key.data());
      sizes.push_back(key.size());
    }
    if (!keys.empty()) {
      rados_read_op_omap_get_vals_by_keys2(op.get(), keys.data(), keys.size(), sizes.data(), &by_key_.rows,
                                           &by_key_.code);
    }
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      const RowRange& range = read_.ranges[i];
      rados_read_op_omap_get_vals2(op.get(), range.after.c_str(), range.prefix.c_str(),
                                   std::min(range.limit, kRowsOfOneAnswer), &pages_[i].rows, &pages_[i].more,
                                   &pages_[i].code);
    }
    if (!read_.data.empty()) {
      rados_read_op_read(op.get(), read_.offset, read_.data.size(), reinterpret_cast<char*>(read_.data.data()),
                         &data_size_, &data_code_);
    }
    completion_ = new_completion();
    refused_ = rados_aio_read_op_operate(op.get(), io_, completion_.get(), object_.c_str(), LIBRADOS_OPERATION_NOFLAG);
    if (refused_ < 0) completion_.reset();
  }

  ReadAnswer take() {
    completion_.reset();
    ReadAnswer answer;
    answer.exists = true;
    answer.data_size = data_size_;
    for (auto& [key, value] : taken(std::exchange(by_key_.rows, nullptr)))
      answer.rows.emplace(std::move(key), std::move(value));
    for (Page& page : pages_) answer.pages.push_back({taken(std::exchange(page.rows, nullptr)), page.more != 0});
    return answer;
  }

  void discard() {
    if (completion_) rados_aio_wait_for_complete(completion_.get());
    completion_.reset();
    // Not to be looked into: librados leaves the rows of a request that timed out in no state at all.
    RowsHandle(std::exchange(by_key_.rows, nullptr)).reset();
    for (Page& page : pages_) RowsHandle(std::exchange(page.rows, nullptr)).reset();
  }

  rados_ioctx_t io_;
  const std::string object_;
  const Read read_;
  const Deadline deadline_;
  Completion completion_;
  int refused_ = 0;
  Page by_key_;
  std::vector<Page> pages_;
  std::size_t data_size_ = 0;
  int data_code_ = 0;
};

class PoolSpace final : public Space {
 public:
  PoolSpace(PoolHandle io, const RadosStoreConfig& config)
      : io_(std::move(io)), faults_(config.faults), call_deadline_ms_(config.call_deadline_ms) {}

  std::unique_ptr<PendingWrite> start(const std::string& object, Write write, Deadline deadline) override {
    return std::make_unique<SentWrite>(io_.get(), faults_, object, std::move(write), deadline);
  }
  std::unique_ptr<PendingRead> start(const std::string& object, Read read, Deadline deadline) override {
    return std::make_unique<SentRead>(io_.get(), object, std::move(read), deadline);
  }
  Deadline deadline() const override { return Deadline::after_ms(call_deadline_ms_); }

 private:
  const PoolHandle io_;
  const FaultPlan faults_;
  const std::int64_t call_deadline_ms_;
};

class Connection final : public Cluster {
 public:
  explicit Connection(const RadosStoreConfig& config) : config_(config) {}
  ~Connection() override {
    if (handle_) rados_shutdown(handle_);
  }

  Status open() {
    const std::string doing = std::format("connecting to the cluster of {} as {}", config_.conf_path, config_.user);
    int code = rados_create2(&handle_, "ceph", config_.user.c_str(), 0);
    if (code < 0) return fail(error_of(code, doing));
    code = rados_conf_read_file(handle_, config_.conf_path.c_str());
    if (code < 0) {
      return fail(ErrorCode::kInvalidArgument,
                  std::format("{}: cannot be read as a ceph.conf, check the path", config_.conf_path));
    }
    if (!config_.keyring.empty()) {
      code = rados_conf_set(handle_, "keyring", config_.keyring.c_str());
      if (code < 0) return fail(error_of(code, doing + ", setting keyring"));
    }
    const std::string attempt = std::to_string(config_.attempt_timeout_s);
    const std::string whole = std::to_string((config_.call_deadline_ms + 999) / 1000);
    // A request that waits for so long makes the client ask the monitors for a newer map. By default that is longer
    // than an attempt of ours takes, so that a client which missed a map, cut off as it was, would try dead addresses
    // for ever.
    const std::string stale_map = std::format("{:.2f}", config_.attempt_timeout_s / 2.0);
    const std::string look_every = std::format("{:.2f}", config_.attempt_timeout_s / 8.0);
    for (const auto& [option, value] : {std::pair{"rados_osd_op_timeout", &attempt},
                                        {"objecter_timeout", &stale_map},
                                        {"objecter_tick_interval", &look_every},
                                        {"rados_mon_op_timeout", &whole},
                                        {"client_mount_timeout", &whole}}) {
      code = rados_conf_set(handle_, option, value->c_str());
      if (code < 0) return fail(error_of(code, doing + ", setting " + option));
    }
    code = rados_connect(handle_);
    if (code == -ETIMEDOUT || code == -ENOENT)
      return fail(ErrorCode::kUnavailable, doing + ": no monitor answers, check mon_host and the keyring in it");
    if (code < 0) return fail(error_of(code, doing));
    return {};
  }

  Result<std::unique_ptr<Space>> space(const std::string& pool, const std::string& name) override {
    rados_ioctx_t io = nullptr;
    const int code = rados_ioctx_create(handle_, pool.c_str(), &io);
    if (code < 0) return fail(error_of(code, std::format("opening the pool {}", pool)));
    rados_ioctx_set_namespace(io, name.c_str());
    return std::make_unique<PoolSpace>(PoolHandle(io), config_);
  }

  Result<std::uint64_t> free_bytes() override {
    rados_cluster_stat_t stat{};
    const int code = rados_cluster_stat(handle_, &stat);
    if (code < 0) return fail(error_of(code, "asking the cluster for its free space"));
    // Only of a cluster that never had a manager; one that lost its own goes on with what that said last.
    if (stat.kb == 0) {
      return fail(ErrorCode::kUnavailable, "the cluster does not know yet how much space it has: start a ceph-mgr");
    }
    return stat.kb_avail * 1024;
  }

 private:
  const RadosStoreConfig config_;
  rados_t handle_ = nullptr;
};

}  // namespace

std::string ReadAnswer::row(const std::string& key) const {
  const auto found = rows.find(key);
  return found == rows.end() ? std::string() : found->second;
}

Status Space::remove(const std::string& object, Deadline until) {
  Write write;
  write.remove = true;
  const auto removed = this->write(object, std::move(write), until);
  if (removed || removed.error().code == ErrorCode::kNotFound) return {};
  return fail(removed.error());
}

Status Space::erase(const std::string& object, std::vector<std::string> keys, Deadline until) {
  Write write;
  write.erase = std::move(keys);
  const auto erased = this->write(object, std::move(write), until);
  if (erased || erased.error().code == ErrorCode::kNotFound) return {};
  return fail(erased.error());
}

std::uint64_t new_token() {
  thread_local std::mt19937_64 random = [] {
    std::random_device source;
    std::seed_seq seed{source(), source(), source(), source()};
    return std::mt19937_64(seed);
  }();
  std::uint64_t token = 0;
  while (token == 0) token = random();
  return token;
}

std::string hex(std::uint64_t number) { return std::format("{:016x}", number); }

Result<std::unique_ptr<Cluster>> connect(const RadosStoreConfig& config) {
  auto connection = std::make_unique<Connection>(config);
  TT_TRY(connection->open());
  return connection;
}

}  // namespace tintype::rados
