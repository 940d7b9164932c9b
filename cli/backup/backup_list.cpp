#include "cli/backup/backup_list.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <format>

namespace tintype {
namespace {

constexpr std::string_view kName = "tintype-backup ";
constexpr int kVersion = 1;

std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return taken;
}

template <typename T>
bool parse(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool is_hex_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool stays_inside(std::string_view path) {
  const std::filesystem::path parts(path);
  return !path.empty() && parts.is_relative() && std::ranges::find(parts, "..") == parts.end();
}

std::unexpected<Error> bad() {
  return fail(ErrorCode::kCorruptData, "its list of files is damaged; use another backup");
}

}  // namespace

std::string to_text(const BackupList& list) {
  std::string text = std::format("{}{} {}\n", kName, kVersion, list.store_id);
  for (const auto& [path, file] : list.files) {
    text += std::format("{} {} {} {}\n", file.sha256, file.bytes, file.written_at_ns, path);
  }
  return text;
}

Result<BackupList> parse_backup_list(std::string_view text) {
  BackupList list;
  int version = 0;
  if (!text.starts_with(kName) || !text.ends_with('\n')) return bad();
  text.remove_prefix(kName.size());
  if (!parse(take_until(text, ' '), version) || version < 1) return bad();
  if (version > kVersion) {
    return fail(ErrorCode::kUnsupported,
                std::format("it has version {}, this tintype knows versions up to {}; use a newer "
                            "tintype",
                            version, kVersion));
  }
  list.store_id = take_until(text, '\n');
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    BackedUpFile file;
    file.sha256 = take_until(line, ' ');
    const bool numbers = parse(take_until(line, ' '), file.bytes) && parse(take_until(line, ' '), file.written_at_ns);
    if (!numbers || !is_hex_digest(file.sha256) || !stays_inside(line)) return bad();
    list.files.emplace(line, std::move(file));
  }
  return list;
}

}  // namespace tintype
