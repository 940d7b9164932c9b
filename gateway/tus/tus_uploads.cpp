#include "gateway/tus/tus_uploads.h"

#include <algorithm>
#include <format>
#include <utility>

#include "gateway/base64.h"
#include "gateway/recipes/recipe_names.h"

namespace tintype {
namespace {

constexpr std::size_t kPieceBytes = 256 << 10;
constexpr int kIdTries = 8;
// Whoever missed the last answer asks again within this; nobody else wants the note of an upload that is a
// photo.
constexpr std::chrono::minutes kFinishedTtl{10};

std::unexpected<Error> missing(const std::string& id) {
  return fail(ErrorCode::kNotFound, std::format("there is no upload {}; it has expired, or never was", id));
}

}  // namespace

struct TusUploads::Entry {
  std::string id;
  std::mutex mutex;
  TusUpload upload;
  std::uint64_t offset = 0;
  std::uint64_t turn = 0;  // the latest request's
  bool gone = false;
  bool counted = false;                     // in the totals
  std::optional<std::uint64_t> checked_to;  // a request's checksum speaks of what comes after

  TusState state() const { return {id, upload, offset, {}}; }
};

TusUploads::TusUploads(StagingFolder& folder, const UploadServices& services, RecipeBook& recipes,
                       std::chrono::milliseconds ttl, const StagingLimits& limits, const std::string& gateway)
    : folder_(folder),
      services_(services),
      recipes_(recipes),
      id_prefix_(gateway.empty() ? "" : gateway + "-"),
      ttl_(ttl),
      totals_(limits) {}
TusUploads::~TusUploads() = default;

Result<TusState> TusUploads::create(TusUpload upload) {
  upload.offset = 0;
  upload.expires_at_ms = services_.clock.now_ms() + ttl_.count();
  const bool has_key = !upload.idempotency_key.empty();
  const std::string owner = upload.owner;
  const std::uint64_t length = upload.length;
  TT_TRY(totals_.take(owner, length));
  for (int i = 0; i < kIdTries; ++i) {
    auto entry = std::make_shared<Entry>();
    entry->id = id_prefix_ + SortableId::make(services_.clock.now_ms()).to_string();
    // No key of a client's holds a blank.
    if (!has_key) upload.idempotency_key = "tus " + entry->id;
    entry->upload = upload;
    entry->counted = true;
    {
      // Before its note: a sweep that finds a note without an entry counts it as one from before a restart.
      const std::lock_guard lock(mutex_);
      if (!entries_.emplace(entry->id, entry).second) continue;
    }
    const Status created = folder_.create(entry->id, to_note(upload));
    if (created) return TusState{entry->id, std::move(upload), 0, {}};
    {
      const std::lock_guard lock(mutex_);
      entries_.erase(entry->id);
    }
    if (created.error().code == ErrorCode::kAlreadyExists) continue;
    totals_.give_back(owner, length);
    return fail(created.error());
  }
  totals_.give_back(owner, length);
  return fail(ErrorCode::kUnavailable, "no free upload id was found; try again");
}

Result<std::shared_ptr<TusUploads::Entry>> TusUploads::load(const std::string& id) {
  if (const std::size_t dash = id.rfind('-'); id.substr(0, dash == id.npos ? 0 : dash + 1) != id_prefix_) {
    if (dash == id.npos || !is_valid_owner(id)) return missing(id);
    return fail(ErrorCode::kUnavailable,
                std::format("the gateway {} keeps this upload, and this is another; it is reached when that one is",
                            id.substr(0, dash)));
  }
  const std::string number = id.substr(id_prefix_.size());
  if (!SortableId::parse(number) || number != SortableId::parse(number)->to_string()) return missing(id);
  const std::lock_guard lock(mutex_);
  if (const auto found = entries_.find(id); found != entries_.end()) return found->second;
  const auto note = folder_.read_note(id);
  if (!note && note.error().code == ErrorCode::kNotFound) return missing(id);
  if (!note) return fail(note.error());
  auto entry = std::make_shared<Entry>();
  entry->id = id;
  TT_ASSIGN(entry->upload, parse_note(*note));
  entry->offset = entry->upload.photo ? entry->upload.length : entry->upload.offset;
  // From before a restart: bytes past the note's offset may not be what was sent.
  if (!entry->upload.photo) {
    TT_ASSIGN(const std::uint64_t size, folder_.size(id));
    if (size < entry->offset)
      return fail(ErrorCode::kCorruptData, std::format("upload {} has lost bytes; start it anew", id));
    if (size > entry->offset) TT_TRY(folder_.truncate(id, entry->offset));
    totals_.add(entry->upload.owner, entry->upload.length);
    entry->counted = true;
  }
  entries_[id] = entry;
  return entry;
}

Result<std::shared_ptr<TusUploads::Entry>> TusUploads::entry_of(const std::string& owner, const std::string& id) {
  TT_ASSIGN(auto entry, load(id));
  const std::lock_guard lock(entry->mutex);
  if (entry->gone || entry->upload.owner != owner) return missing(id);
  if (services_.clock.now_ms() >= entry->upload.expires_at_ms) return missing(id);
  return entry;
}

Result<TusState> TusUploads::find(const std::string& owner, const std::string& id) {
  TT_ASSIGN(const auto entry, entry_of(owner, id));
  const std::lock_guard lock(entry->mutex);
  return entry->state();
}

Status TusUploads::terminate(const std::string& owner, const std::string& id) {
  TT_ASSIGN(const auto entry, entry_of(owner, id));
  const std::lock_guard lock(entry->mutex);
  return entry->gone ? missing(id) : remove(*entry);
}

Result<std::unique_ptr<TusUploads::Append>> TusUploads::append(const std::string& owner, const std::string& id,
                                                               std::uint64_t offset,
                                                               const std::optional<TusChecksum>& checksum) {
  TT_ASSIGN(auto entry, entry_of(owner, id));
  const std::lock_guard lock(entry->mutex);
  ++entry->turn;
  if (entry->checked_to) TT_TRY(roll_back(*entry, *std::exchange(entry->checked_to, std::nullopt)));
  if (entry->offset != offset)
    return fail(ErrorCode::kConflict,
                std::format("the upload is at {}, not at {}; ask with HEAD and go on there", entry->offset, offset));
  if (checksum) entry->checked_to = offset;
  return std::make_unique<Append>(*this, entry, checksum, entry->turn, offset);
}

void TusUploads::sweep() {
  const auto names = folder_.names();
  if (!names) return services_.log.warning("uploads_not_swept", {{"error", names.error().to_string()}});
  for (const std::string& id : *names) {
    const auto entry = load(id);
    if (!entry) {
      // What cannot be read cannot be resumed.
      if (entry.error().code == ErrorCode::kCorruptData || entry.error().code == ErrorCode::kNotFound)
        (void)folder_.remove(id).has_value();
      continue;
    }
    const std::lock_guard lock((*entry)->mutex);
    if ((*entry)->gone || services_.clock.now_ms() < (*entry)->upload.expires_at_ms) continue;
    if (const Status removed = remove(**entry); !removed)
      services_.log.warning("upload_not_removed", {{"upload", id}, {"error", removed.error().to_string()}});
  }
}

Status TusUploads::keep_progress(Entry& entry) {
  TT_TRY(folder_.sync(entry.id));
  TusUpload upload = entry.upload;
  upload.offset = entry.offset;
  upload.expires_at_ms = services_.clock.now_ms() + ttl_.count();
  TT_TRY(folder_.replace_note(entry.id, to_note(upload)));
  entry.upload = std::move(upload);
  return {};
}

Status TusUploads::roll_back(Entry& entry, std::uint64_t offset) {
  entry.offset = offset;
  return folder_.truncate(entry.id, offset);
}

void TusUploads::discount(Entry& entry) {
  if (std::exchange(entry.counted, false)) totals_.give_back(entry.upload.owner, entry.upload.length);
}

Status TusUploads::remove(Entry& entry) {
  entry.gone = true;
  discount(entry);
  const Status removed = folder_.remove(entry.id);
  const std::lock_guard lock(mutex_);
  entries_.erase(entry.id);
  return removed;
}

Result<UploadReceipt> TusUploads::make_photo(const Entry& entry) {
  const TusUpload& upload = entry.upload;
  UploadOrder order;
  order.owner = upload.owner;
  order.file_name = upload.file_name;
  order.content_type = upload.content_type;
  order.idempotency_key = upload.idempotency_key;
  if (!upload.sha256.empty()) {
    const auto digest = decode_base64(upload.sha256);
    Sha256& expected = order.expected_sha.emplace();
    if (!digest || digest->size() != expected.size())
      return fail(ErrorCode::kCorruptData, std::format("the note of upload {} names no digest", entry.id));
    std::ranges::copy(as_bytes(*digest), expected.begin());
  }
  TT_ASSIGN(order.recipe, recipe_named(upload.recipe, recipes_));
  order.job_class = upload.job_class;
  order.batch = upload.batch;
  order.trace_id = upload.trace_id;
  order.size_hint = upload.length;
  TT_ASSIGN(const auto photo, PhotoUpload::start(services_, std::move(order)));
  Bytes piece(std::min<std::uint64_t>(upload.length, kPieceBytes));
  for (std::uint64_t at = 0; at < upload.length;) {
    const auto room = piece.mutable_view().first(std::min<std::uint64_t>(piece.size(), upload.length - at));
    TT_ASSIGN(const std::size_t got, folder_.read_at(entry.id, at, room));
    if (got == 0) return fail(ErrorCode::kIo, std::format("the bytes of upload {} end early", entry.id));
    TT_TRY(photo->write(room.first(got)));
    at += got;
  }
  return photo->finish();
}

Result<UploadReceipt> TusUploads::complete(Entry& entry) {
  auto receipt = make_photo(entry);
  if (!receipt) {
    const ErrorCode code = receipt.error().code;
    const bool hopeless = code == ErrorCode::kInvalidArgument || code == ErrorCode::kConflict;
    // Else the client must not find an upload that is whole: it would never ask for its photo again.
    const Status undone = hopeless ? remove(entry) : roll_back(entry, entry.upload.offset);
    if (!undone)
      services_.log.warning("upload_not_undone", {{"upload", entry.id}, {"error", undone.error().to_string()}});
    return receipt;
  }
  entry.upload.photo = receipt->photo;
  discount(entry);
  entry.upload.expires_at_ms =
      services_.clock.now_ms() + std::min<std::chrono::milliseconds>(ttl_, kFinishedTtl).count();
  Status kept = folder_.replace_note(entry.id, to_note(entry.upload));
  if (kept) kept = folder_.remove_bytes(entry.id);
  // The photo is safe: who asks again after a restart sends the end again and gets the same one.
  if (!kept) services_.log.warning("upload_note_not_kept", {{"upload", entry.id}, {"error", kept.error().to_string()}});
  return receipt;
}

TusUploads::Append::Append(TusUploads& uploads, std::shared_ptr<Entry> entry,
                           const std::optional<TusChecksum>& checksum, std::uint64_t turn, std::uint64_t start)
    : uploads_(uploads), entry_(std::move(entry)), checksum_(checksum), turn_(turn), start_(start) {}

Status TusUploads::Append::check_turn() const {
  if (!entry_->gone && entry_->turn == turn_) return {};
  return fail(ErrorCode::kConflict, "another request goes on with, or ended, this upload");
}

Status TusUploads::Append::write(ByteView piece) {
  const std::lock_guard lock(entry_->mutex);
  TT_TRY(check_turn());
  if (entry_->upload.photo) return fail(ErrorCode::kConflict, "the upload is whole; its photo is made");
  if (piece.size() > entry_->upload.length - entry_->offset) {
    TT_TRY(uploads_.roll_back(*entry_, start_));
    return fail(ErrorCode::kImageTooLarge,
                std::format("the upload's length is {} bytes; more came", entry_->upload.length));
  }
  TT_TRY(uploads_.folder_.write_at(entry_->id, entry_->offset, piece));
  entry_->offset += piece.size();
  if (checksum_ && checksum_->kind == TusChecksumKind::kSha1) sha1_.update(piece);
  if (checksum_ && checksum_->kind == TusChecksumKind::kSha256) sha256_.update(piece);
  return {};
}

Result<bool> TusUploads::Append::check() {
  if (!checksum_) return true;
  const std::lock_guard lock(entry_->mutex);
  TT_TRY(check_turn());
  const ByteView expected = as_bytes(checksum_->digest);
  const bool holds = checksum_->kind == TusChecksumKind::kSha1 ? std::ranges::equal(sha1_.finish(), expected)
                                                               : std::ranges::equal(sha256_.finish(), expected);
  entry_->checked_to.reset();
  if (!holds) TT_TRY(uploads_.roll_back(*entry_, start_));
  return holds;
}

Result<TusState> TusUploads::Append::finish() {
  const std::lock_guard lock(entry_->mutex);
  TT_TRY(check_turn());
  if (entry_->offset < entry_->upload.length) {
    TT_TRY(uploads_.keep_progress(*entry_));
    return entry_->state();
  }
  if (entry_->upload.photo) return entry_->state();
  TT_ASSIGN(UploadReceipt receipt, uploads_.complete(*entry_));
  TusState state = entry_->state();
  state.receipt = std::move(receipt);
  return state;
}

Status TusUploads::Append::keep_what_came() {
  const std::lock_guard lock(entry_->mutex);
  if (!check_turn() || entry_->offset == start_) return {};
  if (entry_->checked_to) return uploads_.roll_back(*entry_, *std::exchange(entry_->checked_to, std::nullopt));
  // The last byte came, its request's end did not: the client sends that byte again, and is answered.
  if (entry_->offset == entry_->upload.length) TT_TRY(uploads_.roll_back(*entry_, entry_->offset - 1));
  return uploads_.keep_progress(*entry_);
}

}  // namespace tintype
