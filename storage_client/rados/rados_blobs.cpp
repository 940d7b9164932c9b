#include "storage_client/rados/rados_blobs.h"

#include <algorithm>
#include <format>
#include <map>

#include "storage_client/checks.h"
#include "storage_client/embedded/checksum.h"
#include "storage_client/rados/scan.h"

namespace tintype::rados {
namespace {

constexpr std::uint64_t kReplicas = 3;
constexpr double kFreeBytesGoodForSeconds = 2;

std::unexpected<Error> missing(const BlobKey& key) {
  return fail(ErrorCode::kNotFound, std::format("blob {} does not exist", key.to_string()));
}

std::unexpected<Error> exists_already(const BlobKey& key) {
  return fail(ErrorCode::kAlreadyExists, std::format("blob {} exists already", key.to_string()));
}

std::unexpected<Error> unreadable(const std::string& name) {
  return fail(ErrorCode::kCorruptData,
              std::format("blob {}: it does not read back as written, restore it from a backup", name));
}

std::unexpected<Error> unknown_outcome(const std::string& bundle) {
  return fail(ErrorCode::kTimedOut,
              std::format("blobs of {}: may have been changed or not, the cluster did not say in time; read them again",
                          bundle));
}

class InlineReader final : public BlobReader {
 public:
  explicit InlineReader(Bytes bytes) : bytes_(std::make_shared<const Bytes>(std::move(bytes))) {}
  std::uint64_t size() const override { return bytes_->size(); }
  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    if (offset >= bytes_->size()) return std::size_t{0};
    const ByteView rest = bytes_->view().subspan(static_cast<std::size_t>(offset));
    const std::size_t taken = std::min(rest.size(), out.size());
    std::ranges::copy(rest.first(taken), out.data());
    return taken;
  }
  std::shared_ptr<const Bytes> whole() const override { return bytes_; }

 private:
  const std::shared_ptr<const Bytes> bytes_;
};

}  // namespace

// Small blobs are kept until commit; one that turns out larger goes out as chunks from then on.
class RadosBlobs::Writer final : public BlobWriter {
 public:
  Writer(RadosBlobs& store, BlobKey key) : store_(store), began_at_ms_(store.clock_.now_ms()) {
    item_.key = std::move(key);
    item_.entry.token = new_token();
  }
  ~Writer() override {
    if (!writer_) return;
    const std::uint64_t count = writer_->count();
    writer_.reset();
    if (!kept_) store_.chunks_.remove(note_, count, store_.bundles_.deadline());
  }

  Status write(ByteView piece) override {
    if (writer_) return writer_->write(piece);
    if (held_.size() + piece.size() <= store_.config_.inline_limit_bytes) {
      held_.insert(held_.end(), piece.begin(), piece.end());
      return {};
    }
    TT_ASSIGN(note_,
              store_.chunks_.note(item_.entry.token, item_.key, 2 * kLongestUploadMs, store_.bundles_.deadline()));
    writer_ = std::make_unique<ChunkWriter>(store_.chunks_, item_.entry.token);
    TT_TRY(writer_->write(held_));
    held_ = {};
    return writer_->write(piece);
  }

  Result<BlobInfo> commit() override {
    const Deadline deadline = store_.bundles_.deadline();
    item_.entry.written_at_ms = store_.clock_.now_ms();
    if (writer_) {
      if (item_.entry.written_at_ms - began_at_ms_ > kLongestUploadMs) {
        return fail(ErrorCode::kTimedOut,
                    std::format("blob {}: its upload took over 12 hours, send it again", item_.key.to_string()));
      }
      TT_TRY(writer_->finish(item_.entry));
    } else {
      item_.bytes = held_;
    }
    std::vector<Item> items{item_};
    const Status placed = store_.place(items, Existing::kRefused, deadline);
    // Where the outcome is unknown its note settles it, when it is due.
    kept_ = placed || placed.error().code != ErrorCode::kAlreadyExists;
    if (!placed) return fail(placed.error());
    if (writer_) store_.chunks_.drop(note_, deadline);
    return items[0].entry.info();
  }

 private:
  RadosBlobs& store_;
  const UnixMs began_at_ms_;
  Item item_;
  std::vector<std::uint8_t> held_;
  std::unique_ptr<ChunkWriter> writer_;
  TrashNote note_;
  bool kept_ = false;
};

RadosBlobs::RadosBlobs(Cluster& cluster, Spaces spaces, const RadosStoreConfig& config, const Clock& clock, Logger& log)
    : cluster_(cluster),
      bundles_(spaces.bundles),
      catalogue_(spaces.catalogue),
      config_(config),
      clock_(clock),
      log_(log),
      chunks_(spaces.chunks, spaces.trash, config, clock) {}

Result<std::optional<BlobEntry>> RadosBlobs::entry_of(const BlobKey& key, Deadline deadline) {
  TT_TRY(check_key(key));
  Read read;
  read.keys = {entry_key(key)};
  TT_ASSIGN(const ReadAnswer answer, bundles_.read(bundle_name(key.owner, key.photo), std::move(read), deadline));
  const std::string row = answer.row(entry_key(key));
  if (row.empty()) return std::nullopt;
  auto entry = decode_entry(row);
  if (!entry) return unreadable(key.to_string());
  return entry;
}

Result<std::unique_ptr<BlobWriter>> RadosBlobs::create(const BlobKey& key, std::uint64_t size_hint) {
  TT_TRY(check_key(key));
  TT_TRY(takes_blobs());
  TT_ASSIGN(const std::uint64_t free, free_bytes());
  if (size_hint > free) {
    return fail(
        ErrorCode::kStorageFull,
        std::format("blob {}: {} bytes are more than the {} that the cluster has free, add OSDs or delete photos",
                    key.to_string(), size_hint, free));
  }
  TT_ASSIGN(const auto entry, entry_of(key, bundles_.deadline()));
  if (entry) return exists_already(key);
  return std::make_unique<Writer>(*this, key);
}

Status RadosBlobs::put_all(std::span<const BlobPut> puts) {
  TT_TRY(check_puts(puts));
  if (puts.empty()) return {};
  TT_TRY(takes_blobs());
  const Deadline deadline = bundles_.deadline();
  std::map<std::string, std::vector<Item>> by_photo;
  for (const BlobPut& put : puts) {
    Item item{put.key, {}, put.bytes};
    item.entry.token = new_token();
    item.entry.written_at_ms = clock_.now_ms();
    by_photo[bundle_name(put.key.owner, put.key.photo)].push_back(std::move(item));
  }
  for (auto& [bundle, items] : by_photo) {
    for (Item& item : items) {
      if (item.bytes.size() > config_.inline_limit_bytes) TT_TRY(move_to_chunks(item, deadline));
    }
    TT_TRY(place(items, Existing::kReplaced, deadline));
  }
  return {};
}

// Its note stays: it is due when the entry is there or never will be.
Status RadosBlobs::move_to_chunks(Item& item, Deadline deadline) {
  TT_TRY(chunks_.note(item.entry.token, item.key, kLongestUploadMs, deadline));
  ChunkWriter writer(chunks_, item.entry.token);
  TT_TRY(writer.write(item.bytes));
  item.bytes = {};
  return writer.finish(item.entry);
}

Status RadosBlobs::place(std::vector<Item>& items, Existing existing, Deadline deadline) {
  const std::string bundle = bundle_name(items[0].key.owner, items[0].key.photo);
  while (!deadline.passed()) {
    Read read;
    read.keys = {kEndKey};
    for (const Item& item : items) read.keys.push_back(entry_key(item.key));
    TT_ASSIGN(const ReadAnswer answer, bundles_.read(bundle, std::move(read), deadline));
    const auto end = decode_end(answer.row(kEndKey));
    if (!end) return unreadable(bundle);

    Write write;
    write.create = true;
    write.expect = {{kEndKey, answer.row(kEndKey)}};
    std::uint64_t offset = end->offset;
    bool is_done = true;
    for (Item& item : items) {
      if (const std::string row = answer.row(entry_key(item.key)); !row.empty()) {
        const auto old = decode_entry(row);
        if (!old) return unreadable(item.key.to_string());
        if (old->token == item.entry.token) continue;  // what an earlier sending did
        if (existing == Existing::kRefused) return exists_already(item.key);
        if (old->is_chunked()) {
          TT_TRY(chunks_.note(old->token, item.key, config_.trash_after_ms, deadline));
        } else if (old->size > 0) {
          write.zero.emplace_back(old->offset, old->size);
        }
      }
      is_done = false;
      if (!item.entry.is_chunked() && offset + item.bytes.size() > config_.bundle_limit_bytes) {
        TT_TRY(move_to_chunks(item, deadline));
      }
      if (!item.entry.is_chunked()) {
        item.entry.size = item.bytes.size();
        item.entry.offset = offset;
        item.entry.checksums = {embedded::checksum(item.bytes)};
        if (!item.bytes.empty()) write.data.emplace_back(offset, item.bytes);
        offset += item.bytes.size();
      }
      write.set.emplace_back(entry_key(item.key), encode(item.entry));
    }
    if (is_done) return {};
    if (answer.row(kEndKey).empty()) TT_TRY(enter_in_catalogue(bundle, deadline));
    write.set.emplace_back(kEndKey, encode(BundleEnd{new_token(), offset}));
    TT_ASSIGN(const WriteAnswer written, bundles_.write(bundle, std::move(write), deadline));
    if (written.applied) return {};
  }
  return unknown_outcome(bundle);
}

Result<std::unique_ptr<BlobReader>> RadosBlobs::open(const BlobKey& key) {
  const Deadline deadline = bundles_.deadline();
  while (!deadline.passed()) {
    TT_ASSIGN(auto entry, entry_of(key, deadline));
    if (!entry) return missing(key);
    if (entry->is_chunked()) return std::make_unique<ChunkReader>(chunks_, key.to_string(), *std::move(entry));
    Bytes bytes(static_cast<std::size_t>(entry->size));
    Read read;
    read.keys = {entry_key(key)};
    read.offset = entry->offset;
    read.data = bytes.mutable_view();
    TT_ASSIGN(const ReadAnswer answer, bundles_.read(bundle_name(key.owner, key.photo), std::move(read), deadline));
    if (answer.row(entry_key(key)) != encode(*entry)) continue;  // replaced or removed in between
    if (answer.data_size != bytes.size() || embedded::checksum(bytes) != entry->checksums[0])
      return unreadable(key.to_string());
    return std::make_unique<InlineReader>(std::move(bytes));
  }
  return unknown_outcome(key.to_string());
}

Result<BlobInfo> RadosBlobs::stat(const BlobKey& key) {
  TT_ASSIGN(const auto entry, entry_of(key, bundles_.deadline()));
  if (!entry) return missing(key);
  return entry->info();
}

Status RadosBlobs::remove(const BlobKey& key) {
  TT_TRY(check_key(key));
  const Deadline deadline = bundles_.deadline();
  const std::string bundle = bundle_name(key.owner, key.photo);
  while (!deadline.passed()) {
    Read read;
    read.keys = {kEndKey, entry_key(key)};
    read.ranges.push_back({"", kEntryPrefix, 2});
    TT_ASSIGN(const ReadAnswer answer, bundles_.read(bundle, std::move(read), deadline));
    const std::string row = answer.row(entry_key(key));
    if (row.empty()) return {};
    const auto entry = decode_entry(row);
    const auto end = decode_end(answer.row(kEndKey));
    if (!entry || !end) return unreadable(key.to_string());
    if (entry->is_chunked()) TT_TRY(chunks_.note(entry->token, key, config_.trash_after_ms, deadline));
    Write write;
    write.expect = {{kEndKey, answer.row(kEndKey)}};
    if (answer.pages[0].rows.size() == 1) {
      write.remove = true;
    } else {
      write.erase = {entry_key(key)};
      write.set = {{kEndKey, encode(BundleEnd{new_token(), end->offset})}};
      if (!entry->is_chunked() && entry->size > 0) write.zero = {{entry->offset, entry->size}};
    }
    const auto removed = bundles_.write(bundle, std::move(write), deadline);
    if (!removed && removed.error().code != ErrorCode::kNotFound) return fail(removed.error());
    if (removed && removed->applied) return {};
  }
  return unknown_outcome(bundle);
}

Status RadosBlobs::remove_photo(const std::string& owner, PhotoId photo) {
  TT_TRY(check_owner(owner));
  const Deadline deadline = bundles_.deadline();
  const std::string bundle = bundle_name(owner, photo);
  while (!deadline.passed()) {
    Read read;
    read.keys = {kEndKey};
    TT_ASSIGN(const ReadAnswer answer, bundles_.read(bundle, std::move(read), deadline));
    if (answer.row(kEndKey).empty()) return {};
    Scan scan(bundles_, bundle, {"", kEntryPrefix, ""}, 1000, deadline);
    while (true) {
      TT_ASSIGN(const auto* row, scan.peek());
      if (!row) break;
      BlobKey key{owner, photo, 0, ""};
      const auto entry = decode_entry(row->second);
      if (!entry || !parse_entry_key(row->first, key)) return unreadable(bundle);
      if (entry->is_chunked()) TT_TRY(chunks_.note(entry->token, key, config_.trash_after_ms, deadline));
      scan.next();
    }
    Write write;
    write.expect = {{kEndKey, answer.row(kEndKey)}};
    write.remove = true;
    const auto removed = bundles_.write(bundle, std::move(write), deadline);
    if (!removed && removed.error().code != ErrorCode::kNotFound) return fail(removed.error());
    if (removed && removed->applied) return {};
  }
  return unknown_outcome(bundle);
}

Result<std::uint64_t> RadosBlobs::free_bytes() {
  std::lock_guard lock(free_mutex_);
  const double now_s = clock_.steady_seconds();
  if (free_asked_at_s_ < 0 || now_s - free_asked_at_s_ > kFreeBytesGoodForSeconds) {
    TT_ASSIGN(const std::uint64_t raw, cluster_.free_bytes());
    free_bytes_ = raw / kReplicas;
    free_asked_at_s_ = now_s;
  }
  return free_bytes_;
}

Status RadosBlobs::takes_blobs() {
  TT_ASSIGN(const std::uint64_t free, free_bytes());
  if (free >= config_.min_free_bytes) return {};
  return fail(ErrorCode::kStorageFull,
              std::format("the cluster has {} bytes free, under the {} it keeps: add OSDs or delete photos", free,
                          config_.min_free_bytes));
}

}  // namespace tintype::rados
