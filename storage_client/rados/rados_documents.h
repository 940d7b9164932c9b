// RadosDocuments: Documents on RADOS, an object each: its omap has the version (16 hex digits) and the text, so that
// both change together and the version is read alone. A list object names them all; it is written first, and a name
// there counts only while its object exists.
#pragma once

#include "storage_client/documents.h"
#include "storage_client/rados/space.h"

namespace tintype::rados {

class RadosDocuments final : public Documents {
 public:
  // `documents` must outlive it.
  explicit RadosDocuments(Space& documents) : documents_(documents) {}

  Result<Document> read(const std::string& name) override;
  Result<std::uint64_t> version(const std::string& name) override;
  Result<std::uint64_t> write(const std::string& name, const std::string& text, std::uint64_t expected) override;
  Status remove(const std::string& name) override;
  Result<std::vector<std::string>> names(const std::string& prefix) override;

 private:
  Space& documents_;
};

}  // namespace tintype::rados
