// TempFolder: a folder for one test, gone after it.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace tintype::testing {

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tintype-cli-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string path(std::string_view below = "") const {
    return below.empty() ? path_ : path_ + "/" + std::string(below);
  }
  // Makes the folders on the way, too.
  std::string write(std::string_view below, std::string_view text) const {
    const std::string file = path(below);
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
  std::string read(std::string_view below) const {
    std::ifstream in(path(below), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  bool has(std::string_view below) const { return std::filesystem::exists(path(below)); }

 private:
  std::string path_;
};

// Enough of a JPEG for looks_like_picture().
inline std::string jpeg_bytes(std::string_view rest = "") {
  return std::string("\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x01\x00\x00\x01", 16) + std::string(rest);
}

}  // namespace tintype::testing
