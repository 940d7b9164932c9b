#include "storage_client/rados/rados_store.h"

#include "storage_client/rados/cluster.h"
#include "storage_client/rados/rados_blobs.h"
#include "storage_client/rados/rados_documents.h"
#include "storage_client/rados/rados_index.h"
#include "storage_client/rados/rados_jobs.h"

namespace tintype {
namespace rados {
namespace {

struct Spaces {
  std::unique_ptr<Space> bundles, chunks, catalogue, trash;     // of the pool of blobs
  std::unique_ptr<Space> owners, keys, marks, jobs, documents;  // of the index's
};

class Store final : public RadosStore {
 public:
  Store(const RadosStoreConfig& config, std::unique_ptr<Cluster> cluster, Spaces spaces, const Clock& clock,
        Logger& log)
      : config_(config),
        cluster_(std::move(cluster)),
        spaces_(std::move(spaces)),
        blobs_(*cluster_, {*spaces_.bundles, *spaces_.chunks, *spaces_.catalogue, *spaces_.trash}, config_, clock, log),
        index_(*spaces_.owners, *spaces_.keys, *spaces_.marks, config_, clock, log),
        jobs_(*spaces_.jobs),
        documents_(*spaces_.documents) {}

  BlobStore& blobs() override { return blobs_; }
  PhotoIndex& index() override { return index_; }
  JobStore& jobs() override { return jobs_; }
  Documents& documents() override { return documents_; }

 private:
  const RadosStoreConfig config_;
  const std::unique_ptr<Cluster> cluster_;
  const Spaces spaces_;
  RadosBlobs blobs_;
  RadosIndex index_;
  RadosJobs jobs_;
  RadosDocuments documents_;
};

}  // namespace
}  // namespace rados

Result<std::unique_ptr<RadosStore>> open_rados_store(const RadosStoreConfig& config, const Clock& clock, Logger& log) {
  TT_TRY(config.validate());
  TT_ASSIGN(auto cluster, rados::connect(config));
  rados::Spaces spaces;
  const std::string& blobs = config.blob_pool;
  const std::string& index = config.index_pool;
  TT_ASSIGN(spaces.bundles, cluster->space(blobs, config.farm + ".bundles"));
  TT_ASSIGN(spaces.chunks, cluster->space(blobs, config.farm + ".chunks"));
  TT_ASSIGN(spaces.catalogue, cluster->space(index, config.farm + ".catalogue"));
  TT_ASSIGN(spaces.trash, cluster->space(index, config.farm + ".trash"));
  TT_ASSIGN(spaces.owners, cluster->space(index, config.farm + ".owners"));
  TT_ASSIGN(spaces.keys, cluster->space(index, config.farm + ".keys"));
  TT_ASSIGN(spaces.marks, cluster->space(index, config.farm + ".marks"));
  TT_ASSIGN(spaces.jobs, cluster->space(index, config.farm + ".jobs"));
  TT_ASSIGN(spaces.documents, cluster->space(index, config.farm + ".documents"));
  return std::make_unique<rados::Store>(config, std::move(cluster), std::move(spaces), clock, log);
}

}  // namespace tintype
