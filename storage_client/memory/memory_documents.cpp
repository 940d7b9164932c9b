#include "storage_client/memory/memory_documents.h"

#include <format>
#include <map>
#include <mutex>

namespace tintype {
namespace {

class MemoryDocuments final : public Documents {
 public:
  Result<Document> read(const std::string& name) override {
    TT_TRY(check_document_name(name));
    const std::lock_guard lock(mutex_);
    const auto found = documents_.find(name);
    if (found == documents_.end()) return fail(ErrorCode::kNotFound, std::format("there is no document {}", name));
    return found->second;
  }

  Result<std::uint64_t> version(const std::string& name) override {
    TT_TRY(check_document_name(name));
    const std::lock_guard lock(mutex_);
    const auto found = documents_.find(name);
    return found == documents_.end() ? 0 : found->second.version;
  }

  Result<std::uint64_t> write(const std::string& name, const std::string& text, std::uint64_t expected) override {
    TT_TRY(check_document_name(name));
    TT_TRY(check_document_text(name, text));
    const std::lock_guard lock(mutex_);
    const auto found = documents_.find(name);
    if ((found == documents_.end() ? 0 : found->second.version) != expected)
      return fail(ErrorCode::kConflict, std::format("the document {} was changed meanwhile", name));
    documents_[name] = {text, ++last_version_};
    return last_version_;
  }

  Status remove(const std::string& name) override {
    TT_TRY(check_document_name(name));
    const std::lock_guard lock(mutex_);
    documents_.erase(name);
    return {};
  }

  Result<std::vector<std::string>> names(const std::string& prefix) override {
    std::vector<std::string> out;
    const std::lock_guard lock(mutex_);
    for (const auto& [name, document] : documents_) {
      if (name.starts_with(prefix)) out.push_back(name);
    }
    return out;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Document> documents_;
  std::uint64_t last_version_ = 0;
};

}  // namespace

std::unique_ptr<Documents> make_memory_documents() { return std::make_unique<MemoryDocuments>(); }

}  // namespace tintype
