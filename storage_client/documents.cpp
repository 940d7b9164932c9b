#include "storage_client/documents.h"

#include <format>

namespace tintype {
namespace {

constexpr std::size_t kMaxNameChars = 128;
constexpr std::size_t kMaxTextBytes = 4 << 20;

}  // namespace

Status check_document_name(const std::string& name) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/-";
  if (!name.empty() && name.size() <= kMaxNameChars && name.find_first_not_of(kLetters) == name.npos) return {};
  return fail(ErrorCode::kInvalidArgument, "a document's name is 1 to 128 of A-Z a-z 0-9 . _ / -");
}

Status check_document_text(const std::string& name, const std::string& text) {
  if (!text.empty() && text.size() <= kMaxTextBytes) return {};
  return fail(ErrorCode::kInvalidArgument,
              std::format("the document {} has {} bytes and may have 1 to {}", name, text.size(), kMaxTextBytes));
}

}  // namespace tintype
