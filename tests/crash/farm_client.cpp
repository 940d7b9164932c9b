#include "tests/crash/farm_client.h"

#include <algorithm>
#include <cstdlib>
#include <format>
#include <nlohmann/json.hpp>

#include "core/base/digest.h"
#include "core/base/signature.h"
#include "core/base/time_text.h"

namespace tintype::crash {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kEnoughPhotos = 200;
constexpr int kPages[] = {20, 100, 250, 1000};  // few sizes: pages that were asked for before are asked for again

ListAsked random_list(const std::string& owner, Ledger& ledger, std::mt19937& random) {
  ListAsked asked{.owner = owner, .by_taken = random() % 2 == 0, .from_ms = {}, .to_ms = {}};
  // The bounds are photos' own times, where a range is easily wrong by one.
  const auto one = ledger.pick(owner, random), other = ledger.pick(owner, random);
  if (!one || !other || random() % 4 == 0) return asked;
  const auto [from, to] = std::minmax({one->photo->time_ms(), other->photo->time_ms()});
  if (random() % 3 != 0) asked.from_ms = from;
  if (random() % 3 != 0) asked.to_ms = to;
  return asked;
}

}  // namespace

std::optional<Answer> FarmClient::ask(const std::string& method, const std::string& target, const std::string& owner,
                                      const std::string& headers, const std::string& body) {
  const Ask what{.method = method,
                 .target = target,
                 .headers = std::format("Tintype-Owner: {}\r\n{}", owner, headers),
                 .body = body};
  if (!socket_.send(to_text(what, port_))) return std::nullopt;
  auto answer = socket_.receive();
  if (answer && answer->header("connection") == "close") socket_ = SocketClient(port_);
  return answer;
}

bool FarmClient::upload(const Upload& upload) {
  return upload.is_resumable() && !upload.photo ? upload_in_pieces(upload) : upload_whole(upload);
}

std::optional<std::uint64_t> FarmClient::resume_at(const Upload& upload, bool& gone) {
  const auto answer = ask("GET", upload.resumable, upload.owner);
  gone = !answer;
  if (!answer) return std::nullopt;
  const std::uint64_t offset = std::strtoull(answer->header("upload-offset").c_str(), nullptr, 10);
  if (answer->status == 200 && offset >= upload.came) return offset;
  ledger_.wrong(Wrong::kLost, std::format("{}: {} bytes were answered for: {} {}", upload.resumable, upload.came,
                                          answer->status, answer->body));
  return std::nullopt;
}

bool FarmClient::upload_in_pieces(const Upload& upload) {
  constexpr std::string_view kVersion = "Tus-Resumable: 1.0.0\r\n";
  const std::string bytes = upload.bytes();
  std::string path = upload.resumable;
  std::uint64_t offset = 0;
  if (path.empty()) {
    const auto created =
        ask("POST", "/v1/uploads", upload.owner,
            std::format("{}Upload-Length: {}\r\nUpload-Metadata: filename {}\r\nIdempotency-Key: \"{}\"\r\n", kVersion,
                        bytes.size(), to_base64(as_bytes(upload.file_name())), upload.key()));
    if (!created) return false;
    path = created->header("location");
    if (created->status != 201) {
      ledger_.wrong(Wrong::kAnswer, std::format("upload {}: {} {}", upload.number, created->status, created->body));
      return true;
    }
    ledger_.came(upload.number, path, 0);
  } else {
    bool gone = false;
    const auto at = resume_at(upload, gone);
    if (!at) return !gone;
    offset = *at;
  }
  for (;;) {
    const std::size_t piece = std::min<std::size_t>(bytes.size() - offset, 1 + bytes.size() / 3);
    const auto answer =
        ask("PATCH", path, upload.owner,
            std::format("{}Content-Type: application/offset+octet-stream\r\nUpload-Offset: {}\r\n", kVersion, offset),
            bytes.substr(offset, piece));
    if (!answer) return false;
    if (answer->status != 204) {
      ledger_.wrong(Wrong::kAnswer, std::format("{} at {}: {} {}", path, offset, answer->status, answer->body));
      return true;
    }
    offset += piece;
    ledger_.came(upload.number, path, offset);
    if (const auto photo = SortableId::parse(answer->header("tintype-photo"))) {
      ledger_.answered(upload.number, *photo);
      return true;
    }
    if (offset == bytes.size()) {
      ledger_.wrong(Wrong::kAnswer, path + " is whole and is no photo");
      return true;
    }
  }
}

bool FarmClient::upload_whole(const Upload& upload) {
  const auto answer = ask("POST", "/v1/photos?name=" + upload.file_name(), upload.owner,
                          std::format("Idempotency-Key: \"{}\"\r\n", upload.key()), upload.bytes());
  if (!answer) return false;
  const Json said = Json::parse(answer->body, nullptr, false);
  if ((answer->status != 201 && answer->status != 200) || !said.is_object()) {
    ledger_.wrong(Wrong::kAnswer, std::format("upload {}: {} {}", upload.number, answer->status, answer->body));
    return true;
  }
  ledger_.answered(upload.number, *SortableId::parse(said.value("photo_id", "")));
  return true;
}

bool FarmClient::remove(const Upload& upload) {
  const auto answer = ask("DELETE", "/v1/photos/" + upload.photo->to_string(), upload.owner);
  if (!answer) return false;
  if (answer->status == 204 || answer->status == 404) {
    ledger_.delete_answered(upload.number);
  } else {
    ledger_.wrong(Wrong::kAnswer,
                  std::format("delete of {}: {} {}", upload.photo->to_string(), answer->status, answer->body));
  }
  return true;
}

bool FarmClient::read(const Upload& upload) {
  const auto still_there = [&] { return !ledger_.uploads()[upload.number].delete_asked; };
  const std::string target = "/v1/photos/" + upload.photo->to_string();
  const auto detail = ask("GET", target, upload.owner);
  if (!detail) return false;
  const auto original = ask("GET", target + "/original", upload.owner);
  if (!original) return false;
  if (detail->status == 200 && original->status == 200) {
    if (original->body != upload.bytes()) ledger_.wrong(Wrong::kAltered, target + ": other bytes than were uploaded");
    return read_variants(upload, detail->body);
  }
  if (still_there()) ledger_.wrong(Wrong::kLost, std::format("{}: {} {}", target, detail->status, original->status));
  return true;
}

bool FarmClient::read_variants(const Upload& upload, const std::string& detail) {
  const Json photo = Json::parse(detail, nullptr, false);
  const Json& variants = photo["manifest"]["variants"];
  if (photo["complete"] == variants.empty()) ledger_.wrong(Wrong::kAnswer, "complete, and not: " + detail);
  for (const Json& variant : variants) {
    const std::string target =
        std::format("/v1/photos/{}/variants/{}", upload.photo->to_string(), variant.value("name", ""));
    const auto answer = ask("GET", target, upload.owner);
    if (!answer) return false;
    if (ledger_.uploads()[upload.number].delete_asked) return true;
    if (answer->status != 200) {
      ledger_.wrong(Wrong::kLost, std::format("{}: {}", target, answer->status));
    } else if (to_hex(sha256(as_bytes(answer->body))) != variant.value("sha256", "")) {
      ledger_.wrong(Wrong::kAltered, target + ": other bytes than its manifest says");
    }
  }
  return true;
}

bool FarmClient::list(const ListAsked& asked, int page, std::vector<Row>* rows) {
  const Ledger::Expected expected = ledger_.expect(asked);
  std::string query = std::format("/v1/photos?by={}&limit={}", asked.by_taken ? "taken" : "uploaded", page);
  if (asked.from_ms) query += std::format("&from={}", *asked.from_ms);
  if (asked.to_ms) query += std::format("&to={}", *asked.to_ms);
  std::vector<Row> shown;
  std::string cursor;
  do {
    const auto answer = ask("GET", cursor.empty() ? query : query + "&cursor=" + cursor, asked.owner);
    if (!answer) return false;
    const Json said = Json::parse(answer->body, nullptr, false);
    if (answer->status != 200 || !said.is_object()) {
      ledger_.wrong(Wrong::kAnswer, std::format("{}: {} {}", query, answer->status, answer->body));
      return true;
    }
    for (const Json& row : said["photos"]) {
      shown.push_back({*SortableId::parse(row.value("id", "")), *parse_time(row.value("uploaded_at", "")),
                       *parse_time(row.value("taken_at", ""))});
    }
    cursor = said.value("next", "");
  } while (!cursor.empty());
  ledger_.judge(asked, expected, shown);
  if (rows) *rows = std::move(shown);
  return true;
}

bool FarmClient::do_something(const std::string& owner, std::mt19937& random) {
  const unsigned dice = random() % 100;
  const bool crowded = ledger_.living() > kEnoughPhotos;
  if (dice < 20) return list(random_list(owner, ledger_, random), kPages[random() % std::size(kPages)]);
  if (dice < (crowded ? 60 : 35)) {
    const auto some = ledger_.pick_to_delete(owner, random);
    return !some || remove(*some);
  }
  if (dice < 70) {
    const auto some = ledger_.pick(owner, random);
    if (some) return read(*some);
  } else if (dice < 80) {
    const auto some = ledger_.pick_to_retry(owner, random);
    const bool answered = !some || upload(*some);
    if (some) ledger_.let_go(some->number);
    return answered;
  }
  return upload(ledger_.begin(owner));
}

bool FarmClient::resolve(const std::string& owner, PhotoId photo) {
  const auto answer = ask("GET", "/v1/photos/" + photo.to_string(), owner);
  if (!answer) return false;
  const Json said = Json::parse(answer->body, nullptr, false);
  const std::string name = said.is_object() ? said.value("file_name", "") : "";
  if (answer->status != 200 || !name.starts_with('u')) {
    ledger_.wrong(Wrong::kLost, std::format("{} is listed: {} {}", photo.to_string(), answer->status, answer->body));
  } else {
    ledger_.answered(static_cast<std::size_t>(std::atoll(name.c_str() + 1)), photo);
  }
  return true;
}

bool FarmClient::verify(const std::vector<std::string>& owners, std::size_t since, std::mt19937& random) {
  std::set<PhotoId> known;
  for (const Upload& upload : ledger_.uploads()) {
    if (upload.photo) known.insert(*upload.photo);
  }
  for (const std::string& owner : owners) {
    std::vector<Row> rows;
    if (!list({.owner = owner, .by_taken = false, .from_ms = {}, .to_ms = {}}, 1000, &rows)) return false;
    for (const Row& row : rows) {
      if (!known.contains(row.photo) && !resolve(owner, row.photo)) return false;
    }
    if (!list({.owner = owner, .by_taken = true, .from_ms = {}, .to_ms = {}}, 1 + static_cast<int>(random() % 100)))
      return false;
    for (int i = 0; i < 4; ++i) {
      if (!list(random_list(owner, ledger_, random), 1000)) return false;
    }
  }
  for (const Upload& upload : ledger_.uploads()) {
    if (upload.delete_asked) {
      if (!upload.deleted && !remove(upload)) return false;
      continue;
    }
    const bool chosen = upload.number >= since || random() % 8 == 0;
    if (!chosen) continue;
    // Half of those without an answer are never asked for again: they may be there or not, but not by half.
    if (upload.photo ? random() % 3 == 0 : random() % 2 == 0) {
      if (!this->upload(upload)) return false;
    }
    const Upload now = ledger_.uploads()[upload.number];
    if (now.photo && !read(now)) return false;
  }
  return true;
}

std::optional<bool> FarmClient::all_complete(const std::vector<std::string>& owners) {
  for (const std::string& owner : owners) {
    const auto answer = ask("GET", "/v1/photos?limit=1000", owner);
    if (!answer) return std::nullopt;
    const Json said = Json::parse(answer->body, nullptr, false);
    for (const Json& row : said["photos"]) {
      if (!row.value("complete", false)) return false;
    }
  }
  return true;
}

}  // namespace tintype::crash
