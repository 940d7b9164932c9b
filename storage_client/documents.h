// Documents: the farm's own small texts that all its processes share: its access book, its recipes. Each changes whole,
// by compare-and-set. Thread-safe; changes are durable when their call returns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace tintype {

struct Document {
  std::string text;
  std::uint64_t version = 0;  // random, never 0: another text has another one
};

class Documents {
 public:
  virtual ~Documents() = default;

  // kNotFound. Names: [A-Za-z0-9._/-], 1..128.
  virtual Result<Document> read(const std::string& name) = 0;
  // Of the text that is there now; 0: there is none. For those who look often.
  virtual Result<std::uint64_t> version(const std::string& name) = 0;

  // The new version. kConflict unless the document is of `expected` version now (0: there is none). kTimedOut where
  // nobody can tell whether it was written. Texts: 1 byte to 4 MiB.
  virtual Result<std::uint64_t> write(const std::string& name, const std::string& text, std::uint64_t expected) = 0;
  // Ok also when there was none.
  virtual Status remove(const std::string& name) = 0;

  // Of all documents whose names begin so, sorted.
  virtual Result<std::vector<std::string>> names(const std::string& prefix) = 0;
};

// What every implementation refuses.
Status check_document_name(const std::string& name);
Status check_document_text(const std::string& name, const std::string& text);

}  // namespace tintype
