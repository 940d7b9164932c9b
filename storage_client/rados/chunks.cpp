#include "storage_client/rados/chunks.h"

#include <algorithm>
#include <charconv>
#include <format>

#include "storage_client/embedded/checksum.h"
#include "storage_client/page_cursor.h"
#include "storage_client/rados/scan.h"

namespace tintype::rados {
namespace {

constexpr std::uint64_t kTrashObjects = 16;

std::string trash_object(std::uint64_t number) { return std::format("trash.{}", number); }
std::string trash_object_of(std::uint64_t token) { return trash_object(token % kTrashObjects); }
std::string trash_key(const TrashNote& note) { return hex(sortable_ms(note.due_ms)) + hex(note.token); }

std::optional<TrashNote> parse_note(const std::string& key, const std::string& value) {
  std::uint64_t due = 0;
  TrashNote note;
  const char* text = key.data();
  if (key.size() != 32 || std::from_chars(text, text + 16, due, 16).ptr != text + 16 ||
      std::from_chars(text + 16, text + 32, note.token, 16).ptr != text + 32) {
    return std::nullopt;
  }
  note.due_ms = ms_from_sortable(due);
  auto parsed = BlobKey::parse(value);
  if (!parsed) return std::nullopt;
  note.key = *std::move(parsed);
  return note;
}

}  // namespace

Result<TrashNote> Chunks::note(std::uint64_t token, const BlobKey& key, std::int64_t due_after_ms, Deadline deadline) {
  const TrashNote note{clock_.now_ms() + due_after_ms, token, key};
  Write write;
  write.create = true;
  write.set = {{trash_key(note), key.to_string()}};
  TT_TRY(trash_.write(trash_object_of(token), std::move(write), deadline));
  return note;
}

void Chunks::drop(const TrashNote& note, Deadline deadline) {
  if (!trash_.erase(trash_object_of(note.token), {trash_key(note)}, deadline)) return;
}

void Chunks::remove(const TrashNote& note, std::uint64_t count, Deadline deadline) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!chunks_.remove(chunk_name(note.token, i), deadline)) return;
  }
  drop(note, deadline);
}

Status Chunks::collect(int limit, const IsNamed& is_named) {
  const Deadline deadline = chunks_.deadline();
  std::vector<std::string> objects;
  for (std::uint64_t i = 0; i < kTrashObjects; ++i) objects.push_back(trash_object(i));
  std::vector<TrashNote> due;
  const UnixMs now_ms = clock_.now_ms();
  TT_TRY(scan_merged(trash_, objects, {}, static_cast<std::uint64_t>(limit), deadline,
                     [&](const std::string& key, const std::string& value) -> Result<bool> {
                       const auto note = parse_note(key, value);
                       if (!note) return fail(ErrorCode::kCorruptData, "trash: a note cannot be read, run a scrub");
                       if (note->due_ms > now_ms || std::ssize(due) == limit) return false;
                       due.push_back(*note);
                       return true;
                     }));
  for (const TrashNote& note : due) {
    TT_ASSIGN(const bool named, is_named(note.key, note.token));
    if (named) {
      drop(note, deadline);
      continue;
    }
    // Of an upload that died nobody knows how many there are, and any few of those under way may be missing.
    const auto gap = static_cast<std::uint64_t>(config_.chunks_in_flight) + 1;
    for (std::uint64_t number = 0, absent = 0; absent < gap; ++number) {
      Write write;
      write.remove = true;
      const auto removed = chunks_.write(chunk_name(note.token, number), std::move(write), deadline);
      if (!removed && removed.error().code != ErrorCode::kNotFound) return fail(removed.error());
      absent = removed ? 0 : absent + 1;
    }
    drop(note, deadline);
  }
  return {};
}

Status ChunkWriter::write(ByteView bytes) {
  while (!bytes.empty()) {
    if (buffer_.empty()) buffer_ = Bytes(chunks_.chunk_bytes());
    const std::size_t taken = std::min(bytes.size(), buffer_.size() - filled_);
    std::ranges::copy(bytes.first(taken), buffer_.data() + filled_);
    filled_ += taken;
    bytes = bytes.subspan(taken);
    if (filled_ == buffer_.size()) TT_TRY(send());
  }
  return {};
}

Status ChunkWriter::send() {
  if (std::ssize(sent_) >= chunks_.in_flight()) TT_TRY(wait_for_one());
  buffer_.shrink_to(std::exchange(filled_, 0));
  Sent& sent = sent_.emplace_back(Sent{std::move(buffer_), nullptr});
  size_ += sent.bytes.size();
  Write write;
  write.create = true;
  write.data = {{0, sent.bytes.view()}};
  sent.pending =
      chunks_.space().start(chunk_name(token_, checksums_.size()), std::move(write), chunks_.space().deadline());
  checksums_.push_back(embedded::checksum(sent.bytes));
  return {};
}

Status ChunkWriter::wait_for_one() {
  const Sent first = std::move(sent_.front());
  sent_.pop_front();
  TT_TRY(first.pending->wait());
  return {};
}

Status ChunkWriter::finish(BlobEntry& entry) {
  if (filled_ > 0) TT_TRY(send());
  while (!sent_.empty()) TT_TRY(wait_for_one());
  entry.size = size_;
  entry.chunk_bytes = chunks_.chunk_bytes();
  entry.checksums = checksums_;
  return {};
}

Result<std::size_t> ChunkReader::read(std::uint64_t offset, std::span<std::uint8_t> out) {
  if (offset >= entry_.size || out.empty()) return std::size_t{0};
  const std::uint64_t chunk = entry_.chunk_bytes;
  const std::uint64_t first = offset / chunk;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), entry_.size - offset));
  const std::uint64_t end =
      std::min((offset + wanted - 1) / chunk + 1, first + static_cast<std::uint64_t>(chunks_.in_flight()));

  struct Asked {
    Bytes bytes;
    std::unique_ptr<PendingRead> pending;  // ends before the bytes go
  };
  std::vector<Asked> asked(end - first);
  for (std::uint64_t number = first; number < end; ++number) {
    if (number == first && number == kept_number_) continue;
    Asked& each = asked[number - first];
    each.bytes = Bytes(static_cast<std::size_t>(std::min(chunk, entry_.size - number * chunk)));
    Read read;
    read.data = each.bytes.mutable_view();
    each.pending = chunks_.space().start(chunk_name(entry_.token, number), std::move(read), chunks_.space().deadline());
  }
  std::size_t done = 0;
  for (std::uint64_t number = first; number < end; ++number) {
    if (Asked& each = asked[number - first]; each.pending) {
      TT_ASSIGN(const ReadAnswer answer, each.pending->wait());
      each.pending.reset();
      if (!answer.exists || answer.data_size != each.bytes.size() ||
          embedded::checksum(each.bytes) != entry_.checksums[number]) {
        return fail(ErrorCode::kCorruptData,
                    std::format("blob {}: its bytes from {} on do not read back as written, restore it from a backup",
                                name_, number * chunk));
      }
      kept_ = std::move(each.bytes);
      kept_number_ = number;
    }
    const auto skip = static_cast<std::size_t>(offset + done - number * chunk);
    const std::size_t taken = std::min(kept_.size() - skip, wanted - done);
    std::ranges::copy(kept_.view().subspan(skip, taken), out.data() + done);
    done += taken;
  }
  return done;
}

}  // namespace tintype::rados
