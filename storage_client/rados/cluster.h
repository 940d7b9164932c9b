// Cluster: a connection, and the spaces of its pools.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "storage_client/rados/rados_store.h"
#include "storage_client/rados/space.h"

namespace tintype::rados {

class Cluster {
 public:
  virtual ~Cluster() = default;
  // The cluster must outlive it.
  virtual Result<std::unique_ptr<Space>> space(const std::string& pool, const std::string& name) = 0;
  // Raw bytes that are free, before replication.
  virtual Result<std::uint64_t> free_bytes() = 0;
};

Result<std::unique_ptr<Cluster>> connect(const RadosStoreConfig& config);

}  // namespace tintype::rados
