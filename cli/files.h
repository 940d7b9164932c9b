// Whole small files, folders, and the space left: what commands need of the file system.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace tintype {

// kImageTooLarge past `max_bytes`, which also ends what has no end, such as a device.
Result<std::string> read_text_file(const std::string& path, std::uint64_t max_bytes = ~std::uint64_t{0});
// Written beside and renamed: readers see the old text or the new one. The folder must exist.
Status replace_text_file(const std::string& path, std::string_view text);
// The folder and those above it.
Status make_folders(const std::string& path);
// The last bytes of a file, whole lines, at most `max_lines`; empty if it cannot be read.
std::string last_lines(const std::string& path, int max_lines);
// Absolute, without "." and "..": as for the system, ".." behind a link is the folder above what the link leads to.
Result<std::string> absolute_path(const std::string& path);
// Bytes that this user may still write under `path`, which may not exist yet (then its nearest parent
// counts).
Result<std::uint64_t> free_bytes(const std::string& path);
// True if both lie, or would lie, on one file system.
bool on_same_file_system(const std::string& a, const std::string& b);

}  // namespace tintype
