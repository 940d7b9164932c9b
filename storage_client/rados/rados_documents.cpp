#include "storage_client/rados/rados_documents.h"

#include <charconv>
#include <format>

namespace tintype::rados {
namespace {

constexpr const char* kNames = "names";  // no document: theirs begin with "d/"
constexpr const char* kVersion = "version";
constexpr const char* kText = "text";

std::string object_of(const std::string& name) { return "d/" + name; }

// 0 for "".
std::uint64_t parse_version(const std::string& text) {
  std::uint64_t version = 0;
  std::from_chars(text.data(), text.data() + text.size(), version, 16);
  return version;
}

}  // namespace

Result<Document> RadosDocuments::read(const std::string& name) {
  TT_TRY(check_document_name(name));
  Read read;
  read.keys = {kVersion, kText};
  TT_ASSIGN(const ReadAnswer answer, documents_.read(object_of(name), std::move(read), documents_.deadline()));
  Document document{answer.row(kText), parse_version(answer.row(kVersion))};
  if (document.version == 0) return fail(ErrorCode::kNotFound, std::format("there is no document {}", name));
  return document;
}

Result<std::uint64_t> RadosDocuments::version(const std::string& name) {
  TT_TRY(check_document_name(name));
  Read read;
  read.keys = {kVersion};
  TT_ASSIGN(const ReadAnswer answer, documents_.read(object_of(name), std::move(read), documents_.deadline()));
  return parse_version(answer.row(kVersion));
}

Result<std::uint64_t> RadosDocuments::write(const std::string& name, const std::string& text, std::uint64_t expected) {
  TT_TRY(check_document_name(name));
  TT_TRY(check_document_text(name, text));
  const Deadline deadline = documents_.deadline();
  Write named;
  named.create = true;
  named.set = {{name, "1"}};
  TT_TRY(documents_.write(kNames, std::move(named), deadline));

  const std::uint64_t version = new_token();
  Write write;
  write.create = true;
  write.expect = {{kVersion, expected == 0 ? std::string() : hex(expected)}};
  write.set = {{kVersion, hex(version)}, {kText, text}};
  TT_ASSIGN(const WriteAnswer written, documents_.write(object_of(name), std::move(write), deadline));
  if (written.applied) return version;
  if (written.unsure) {  // the earlier sending may have been applied: then the version is ours, or another's since
    TT_ASSIGN(const std::uint64_t now, this->version(name));
    if (now == version) return version;
    if (now != expected)
      return fail(ErrorCode::kTimedOut,
                  std::format("the document {} may have been changed or not, read it again", name));
  }
  return fail(ErrorCode::kConflict, std::format("the document {} was changed meanwhile", name));
}

Status RadosDocuments::remove(const std::string& name) {
  TT_TRY(check_document_name(name));
  const Deadline deadline = documents_.deadline();
  TT_TRY(documents_.remove(object_of(name), deadline));
  return documents_.erase(kNames, {name}, deadline);
}

Result<std::vector<std::string>> RadosDocuments::names(const std::string& prefix) {
  const Deadline deadline = documents_.deadline();
  std::vector<std::string> out;
  std::string after;
  while (true) {
    Read read;
    read.ranges = {{after, prefix}};
    TT_ASSIGN(const ReadAnswer answer, documents_.read(kNames, std::move(read), deadline));
    if (answer.pages.empty()) return out;
    for (const auto& [name, mark] : answer.pages[0].rows) {
      after = name;
      TT_ASSIGN(const std::uint64_t exists, version(name));
      if (exists != 0) out.push_back(name);
    }
    if (!answer.pages[0].more) return out;
  }
}

}  // namespace tintype::rados
