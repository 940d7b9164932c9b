#include "tests/crash/ledger.h"

#include <algorithm>
#include <format>

namespace tintype::crash {
namespace {

bool in_range(UnixMs time, const ListAsked& asked) {
  return (!asked.from_ms || time >= *asked.from_ms) && (!asked.to_ms || time < *asked.to_ms);
}

}  // namespace

std::string Upload::key() const { return std::format("key-{}", number); }
std::string Upload::file_name() const { return std::format("u{}.jpg", number); }

// A third of them are larger than what the store packs.
std::string Upload::bytes() const {
  std::minstd_rand random(static_cast<unsigned>(number + 1));
  const std::size_t size = number % 3 == 0 ? 70'000 + random() % 60'000 : 1 + random() % 20'000;
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random() >> 8);
  return out;
}

Upload Ledger::begin(const std::string& owner) {
  const std::lock_guard lock(mutex_);
  uploads_.push_back({.number = uploads_.size(), .owner = owner, .photo = {}, .resumable = {}});
  return uploads_.back();
}

void Ledger::answered(std::size_t number, PhotoId photo) {
  const std::lock_guard lock(mutex_);
  Upload& upload = uploads_[number];
  if (upload.photo && *upload.photo != photo) {
    violations_.push_back(
        {Wrong::kDoubled, std::format("{} is {} and {}", upload.key(), upload.photo->to_string(), photo.to_string())});
  }
  const auto [known, is_new] = by_photo_.emplace(photo, number);
  if (!is_new && known->second != number) {
    violations_.push_back(
        {Wrong::kAnswer, std::format("uploads {} and {} are both photo {}", number, known->second, photo.to_string())});
  }
  upload.photo = photo;
}

void Ledger::delete_answered(std::size_t number) {
  const std::lock_guard lock(mutex_);
  uploads_[number].deleted = true;
}

void Ledger::came(std::size_t number, const std::string& path, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  uploads_[number].resumable = path;
  uploads_[number].came = bytes;
}

Upload* Ledger::some_of(const std::string& owner, std::mt19937& random) {
  std::vector<Upload*> candidates;
  for (Upload& upload : uploads_) {
    if (upload.owner == owner && upload.photo && !upload.delete_asked && !upload.held) candidates.push_back(&upload);
  }
  return candidates.empty() ? nullptr : candidates[random() % candidates.size()];
}

std::optional<Upload> Ledger::pick(const std::string& owner, std::mt19937& random) {
  const std::lock_guard lock(mutex_);
  const Upload* some = some_of(owner, random);
  return some ? std::optional(*some) : std::nullopt;
}

std::optional<Upload> Ledger::pick_to_delete(const std::string& owner, std::mt19937& random) {
  const std::lock_guard lock(mutex_);
  Upload* some = some_of(owner, random);
  if (!some) return std::nullopt;
  some->delete_asked = true;
  return *some;
}

std::optional<Upload> Ledger::pick_to_retry(const std::string& owner, std::mt19937& random) {
  const std::lock_guard lock(mutex_);
  Upload* some = some_of(owner, random);
  if (!some) return std::nullopt;
  some->held = true;
  return *some;
}

void Ledger::let_go(std::size_t number) {
  const std::lock_guard lock(mutex_);
  uploads_[number].held = false;
}

std::size_t Ledger::living() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(uploads_, [](const Upload& u) { return u.photo && !u.delete_asked; }));
}

std::vector<Upload> Ledger::uploads() const {
  const std::lock_guard lock(mutex_);
  return {uploads_.begin(), uploads_.end()};
}

Ledger::Expected Ledger::expect(const ListAsked& asked) const {
  const std::lock_guard lock(mutex_);
  Expected expected;
  for (const Upload& upload : uploads_) {
    if (upload.owner != asked.owner || !upload.photo) continue;
    if (upload.deleted) expected.gone.insert(*upload.photo);
    // Nothing in these pictures says when they were taken, so both orders go by the time of upload.
    if (!upload.delete_asked && in_range(upload.photo->time_ms(), asked)) expected.there.insert(*upload.photo);
  }
  return expected;
}

void Ledger::judge(const ListAsked& asked, const Expected& expected, const std::vector<Row>& rows) {
  const std::lock_guard lock(mutex_);
  const auto bad = [&](Wrong what, PhotoId photo, std::string_view text) {
    violations_.push_back({what, std::format("list of {} by {}: {} {}", asked.owner,
                                             asked.by_taken ? "taken" : "uploaded", photo.to_string(), text)});
  };
  std::set<PhotoId> shown;
  const Row* before = nullptr;
  for (const Row& row : rows) {
    const UnixMs time = asked.by_taken ? row.taken_ms : row.uploaded_ms;
    if (!shown.insert(row.photo).second) bad(Wrong::kList, row.photo, "is there twice");
    if (expected.gone.contains(row.photo)) bad(Wrong::kUndeleted, row.photo, "was deleted");
    if (!in_range(time, asked)) bad(Wrong::kList, row.photo, "is out of the range asked for");
    if (row.uploaded_ms != row.photo.time_ms()) bad(Wrong::kList, row.photo, "has the wrong time");
    if (before && (asked.by_taken ? before->taken_ms : before->uploaded_ms) < time)
      bad(Wrong::kList, row.photo, "is out of order");
    before = &row;
    const auto known = by_photo_.find(row.photo);
    if (known != by_photo_.end() && uploads_[known->second].owner != asked.owner)
      bad(Wrong::kList, row.photo, "is another owner's");
  }
  for (PhotoId photo : expected.there) {
    if (!shown.contains(photo) && !uploads_[by_photo_.at(photo)].delete_asked) bad(Wrong::kList, photo, "is missing");
  }
}

void Ledger::wrong(Wrong what, std::string text) {
  const std::lock_guard lock(mutex_);
  violations_.push_back({what, std::move(text)});
}

std::vector<Violation> Ledger::violations() const {
  const std::lock_guard lock(mutex_);
  return violations_;
}

}  // namespace tintype::crash
