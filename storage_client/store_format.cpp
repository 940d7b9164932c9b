#include "storage_client/store_format.h"

#include <charconv>
#include <format>

namespace tintype {
namespace {

constexpr const char* kName = "format";
constexpr int kTries = 3;  // another process may be the first

}  // namespace

Status check_store_format(Documents& documents, int known) {
  for (int i = 0; i < kTries; ++i) {
    const auto document = documents.read(kName);
    if (document) {
      const std::string& text = document->text;
      int format = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), format);
      if (error != std::errc() || end != text.data() + text.size() || format < 1)
        return fail(ErrorCode::kCorruptData, "the store's document 'format' is no number");
      if (format <= known) return {};
      return fail(ErrorCode::kUnsupported,
                  std::format("the store is of format {} and this program knows {}: update it", format, known));
    }
    if (document.error().code != ErrorCode::kNotFound) return fail(document.error());
    const auto written = documents.write(kName, std::to_string(known), 0);
    if (!written && written.error().code != ErrorCode::kConflict) return fail(written.error());
  }
  return fail(ErrorCode::kUnavailable, "the store's document 'format' comes and goes; try again");
}

}  // namespace tintype
