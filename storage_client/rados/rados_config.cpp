#include "storage_client/rados/rados_store.h"

namespace tintype {

Status RadosStoreConfig::validate() const {
  const auto bad = [](const char* what) { return fail(ErrorCode::kInvalidArgument, what); };
  if (conf_path.empty()) return bad("rados: conf_path is empty, name the cluster's ceph.conf");
  if (!user.starts_with("client.")) return bad("rados: user must start with client., as in client.tintype");
  if (blob_pool.empty() || index_pool.empty()) return bad("rados: name both pools, blob_pool and index_pool");
  if (farm.empty()) return bad("rados: farm is empty, give it a name");
  if (attempt_timeout_s < 1) return bad("rados: attempt_timeout_s must be at least 1");
  if (call_deadline_ms < 1000) return bad("rados: call_deadline_ms must be at least 1000");
  if (chunk_bytes < 4096 || chunk_bytes > (16 << 20)) return bad("rados: chunk_bytes must be within 4 KiB..16 MiB");
  if (chunks_in_flight < 1 || chunks_in_flight > 64) return bad("rados: chunks_in_flight must be within 1..64");
  if (inline_limit_bytes > (8 << 20)) return bad("rados: inline_limit_bytes must be at most 8 MiB");
  if (bundle_limit_bytes > (100 << 20))
    return bad("rados: bundle_limit_bytes must be at most 100 MiB, an object's limit");
  if (split_above_keys < 16) return bad("rados: split_above_keys must be at least 16");
  return {};
}

}  // namespace tintype
