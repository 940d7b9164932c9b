#include "storage_client/rados/rados_store.h"

namespace tintype {

Result<std::unique_ptr<RadosStore>> open_rados_store(const RadosStoreConfig&, const Clock&, Logger&) {
  return fail(ErrorCode::kUnsupported,
              "rados: this build has no Ceph client, install librados-dev and build again, or use the "
              "embedded store");
}

}  // namespace tintype
