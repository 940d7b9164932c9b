#include "tests/crash/survivors.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tintype::crash {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

Survivors::Survivors(std::string folder) : folder_(std::move(folder)), root_(scan(folder_)) {}

std::shared_ptr<Survivors::Node> Survivors::scan(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) throw std::runtime_error("cannot look at " + path);
  auto node = std::make_shared<Node>();
  node->is_folder = S_ISDIR(info.st_mode);
  node->time_ns = info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec;
  nodes_[info.st_ino] = node;
  all_.push_back(node);
  if (!node->is_folder) {
    node->bytes = read_file(path);
    return node;
  }
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    node->entries[entry.path().filename().string()] = scan(entry.path().string());
  }
  node->live = node->entries;
  return node;
}

std::pair<Survivors::Node*, std::string> Survivors::place_of(std::string_view path) {
  path.remove_prefix(std::min(path.size(), folder_.size()));
  Node* node = root_.get();
  for (;;) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    const std::size_t slash = path.find('/');
    const std::string name(path.substr(0, slash));
    if (slash == std::string_view::npos || path.find_first_not_of('/', slash) == std::string_view::npos)
      return {node, name};
    const auto next = node->live.find(name);
    if (next == node->live.end()) throw std::runtime_error("the journal names a folder that it never made: " + name);
    node = next->second.get();
    path.remove_prefix(slash);
  }
}

std::shared_ptr<Survivors::Node> Survivors::live_at(std::string_view path) {
  const auto [folder, name] = place_of(path);
  const auto found = folder->live.find(name);
  return found == folder->live.end() ? nullptr : found->second;
}

void Survivors::edit(std::string_view path, std::shared_ptr<Node> now, std::uint64_t record) {
  auto [folder, name] = place_of(path);
  if (now) {
    folder->live[name] = now;
  } else {
    folder->live.erase(name);
  }
  Change change{.record = record};
  change.names.emplace_back(std::move(name), std::move(now));
  folder->pending.push_back(std::move(change));
}

void Survivors::rename(std::string_view from, std::string_view to, std::uint64_t record) {
  const auto moved = live_at(from);
  if (!moved) return;  // of a file that the layer does not see
  const auto [source, source_name] = place_of(from);
  const auto [target, target_name] = place_of(to);
  if (source != target) {
    edit(to, moved, record);
    edit(from, nullptr, record);
    return;
  }
  source->live.erase(source_name);
  source->live[target_name] = moved;
  Change change{.record = record};
  change.names = {{source_name, nullptr}, {target_name, moved}};
  source->pending.push_back(std::move(change));
}

void Survivors::apply(Node& node, const Change& change) {
  for (const auto& [name, now] : change.names) {
    if (now) {
      node.entries[name] = now;
    } else {
      node.entries.erase(name);
    }
  }
  if (!change.names.empty()) return;
  switch (change.kind) {
    case Kind::kWrite:
      if (node.bytes.size() < change.offset + change.data.size()) node.bytes.resize(change.offset + change.data.size());
      change.data.copy(node.bytes.data() + change.offset, change.data.size());
      break;
    case Kind::kZero: {
      const std::uint64_t end = std::min<std::uint64_t>(node.bytes.size(), change.offset + change.size);
      if (change.offset < end) std::memset(node.bytes.data() + change.offset, 0, end - change.offset);
      break;
    }
    case Kind::kTruncate:
      node.bytes.resize(change.size);
      break;
    case Kind::kTime:
      node.time_ns = static_cast<std::int64_t>(change.offset);
      break;
    default:
      break;
  }
}

void Survivors::play(const RecordHead& head, std::string_view path, std::string_view path2, std::string_view data,
                     std::uint64_t record) {
  switch (head.kind) {
    case Kind::kCreate:
    case Kind::kMakeFolder: {
      auto node = std::make_shared<Node>();
      node->is_folder = head.kind == Kind::kMakeFolder;
      nodes_[head.inode] = node;
      all_.push_back(node);
      edit(path, std::move(node), record);
      return;
    }
    case Kind::kLink:
      if (auto node = live_at(path)) edit(path2, std::move(node), record);
      return;
    case Kind::kRename:
      rename(path, path2, record);
      return;
    case Kind::kUnlink:
      if (live_at(path)) edit(path, nullptr, record);
      return;
    default:
      break;
  }
  const auto found = nodes_.find(head.inode);
  if (found == nodes_.end()) throw std::runtime_error("the journal writes to a file that it never made");
  Node& node = *found->second;
  if (head.kind == Kind::kSync) {
    const auto later = std::ranges::find_if(node.pending, [&](const Change& c) { return c.record >= head.offset; });
    for (auto change = node.pending.begin(); change != later; ++change) apply(node, *change);
    node.pending.erase(node.pending.begin(), later);
    return;
  }
  node.pending.push_back(
      {.record = record, .kind = head.kind, .offset = head.offset, .size = head.size, .data = data, .names = {}});
}

void Survivors::settle(Node& node, Keep keep, std::mt19937& random) {
  std::size_t kept = keep == Keep::kEverything ? node.pending.size() : 0;
  if (keep == Keep::kSomeMore) kept = std::uniform_int_distribution<std::size_t>(0, node.pending.size())(random);
  for (std::size_t i = 0; i < kept; ++i) apply(node, node.pending[i]);
  node.pending.clear();
}

void Survivors::write_out(const Node& node, const std::string& path) const {
  if (node.is_folder) {
    std::filesystem::create_directories(path);
    for (const auto& [name, child] : node.entries) write_out(*child, path + "/" + name);
    return;
  }
  std::ofstream(path, std::ios::binary).write(node.bytes.data(), static_cast<std::streamsize>(node.bytes.size()));
  const timespec time{.tv_sec = node.time_ns / 1'000'000'000, .tv_nsec = node.time_ns % 1'000'000'000};
  const timespec times[2] = {time, time};
  if (::utimensat(AT_FDCWD, path.c_str(), times, 0) != 0) throw std::runtime_error("cannot write " + path);
}

void Survivors::after(const std::string& journal, Keep keep, std::mt19937& random) {
  journal_ = read_file(journal);
  std::string_view rest = journal_;
  for (std::uint64_t record = 0;; ++record) {
    RecordHead head;
    if (rest.size() < sizeof head) break;
    std::memcpy(&head, rest.data(), sizeof head);
    const std::size_t body = std::size_t{head.path_bytes} + head.path2_bytes + head.data_bytes;
    if (rest.size() - sizeof head < body) break;
    rest.remove_prefix(sizeof head);
    play(head, rest.substr(0, head.path_bytes), rest.substr(head.path_bytes, head.path2_bytes),
         rest.substr(head.path_bytes + head.path2_bytes, head.data_bytes), record);
    rest.remove_prefix(body);
  }
  for (const auto& node : all_) settle(*node, keep, random);
  std::filesystem::remove_all(folder_);
  write_out(*root_, folder_);
}

}  // namespace tintype::crash
