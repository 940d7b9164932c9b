#include "cli/farm.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <future>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/backup/backup_folder.h"
#include "cli/devices_json.h"
#include "core/queue/nats/nats_server.h"
#include "gateway/access/access_file.h"
#include "storage_client/embedded/folder_documents.h"
#include "storage_client/scrub/scrubber.h"

namespace tintype {
namespace {

std::string node_name() {
  char host[256] = "node";
  if (::gethostname(host, sizeof host) != 0) return "node";
  host[sizeof host - 1] = '\0';
  return host;
}

// Members in the order they are started; C++ stops them in reverse.
class OneProcessFarm final : public Farm {
 public:
  OneProcessFarm(const Clock& clock, Logger& log) : clock_(clock), log_(log) {}

  ~OneProcessFarm() override { drain(); }

  Status start(FarmConfig config) {
    std::error_code failed;
    std::filesystem::create_directories(config.data_dir, failed);
    if (failed) return fail(error_from_errno(failed.value(), "making the data folder " + config.data_dir));
    TT_ASSIGN(zygote_, start_zygote(config.zygote, log_));  // first: no thread exists yet

    // Drivers take their time to say what there is; the store opens meanwhile.
    config.lanes.program_cache = config.data_dir + "/programs";
    auto lanes = std::async(std::launch::async, [&] { return make_lanes(config.lanes, *zygote_, metrics_, log_); });

    config.store.dir = config.data_dir + "/store";
    TT_ASSIGN(store_, open_embedded_store(config.store, clock_, log_));
    blobs_ = make_cached(store_->blobs(), config.blob_cache, metrics_);
    index_ = make_cached(store_->index(), config.index_cache, metrics_);

    if (config.nats_url.empty()) {
      NatsServerConfig server;
      server.program = config.nats_program;
      server.data_dir = config.data_dir + "/nats";
      TT_ASSIGN(nats_server_, start_nats_server(server, log_));
      config.queue.url = nats_server_->url();
    } else {
      config.queue.url = config.nats_url;
    }
    TT_ASSIGN(queue_, connect_nats_queue(config.queue, clock_, log_));

    TT_ASSIGN(lanes_, lanes.get());
    if (config.scheduler.runner.node == JobRunnerConfig{}.node) config.scheduler.runner.node = node_name();
    node_ = config.scheduler.runner.node;
    TT_TRY(config.scheduler.validate());
    scheduler_ = std::make_unique<Scheduler>(
        config.scheduler,
        SchedulerServices{*blobs_, *index_, store_->jobs(), *queue_.jobs, *queue_.events, clock_, metrics_, log_},
        borrowed(lanes_));
    TT_TRY(scheduler_->start());

    config.gateway.staging_folder = config.data_dir + "/uploads";
    if (config.gateway.recipe_folder.empty()) config.gateway.recipe_folder = config.data_dir + "/recipes";
    TT_ASSIGN(documents_, open_folder_documents(config.data_dir + "/documents"));
    scrubber_ = std::make_unique<Scrubber>(node_, ScrubConfig{},
                                           ScrubberServices{store_->blobs(), *index_, *documents_, clock_, log_});

    TT_ASSIGN(gateway_,
              start_gateway(config.gateway,
                            {*blobs_, *index_, store_->jobs(), *queue_.jobs, *queue_.events, clock_, metrics_, log_,
                             [this] { return devices_json(node_, scheduler_->lanes(), scheduler_->yielding()); },
                             &blobs_->at_hand(), &index_->at_hand(),
                             [this, folder = config.gateway.access_folder] { return take_snapshot(folder); },
                             [this] { return store_->drop_snapshot(); }, documents_.get(), scrubber_.get(),
                             [this] { return scheduler_->check_lanes(); }}));
    return {};
  }

  std::string url() const override { return gateway_->url(); }

  Status reload() override { return gateway_->reload_tls(); }

  // Requests first, so that nobody is told "done" by a farm that is going away; then jobs.
  void drain() override {
    if (gateway_) gateway_->drain();
    if (scheduler_) scheduler_->drain();
  }

 private:
  // With the access book, so that a restored farm knows its tokens and signs as before.
  Result<std::string> take_snapshot(const std::string& access_folder) {
    TT_ASSIGN(std::string folder, store_->take_snapshot());
    std::error_code failed;
    if (!access_folder.empty() && std::filesystem::exists(access_folder, failed)) {
      const std::string copy = folder + "/" + kAccessInBackup;
      std::filesystem::create_directory(copy, failed);
      if (!failed) std::filesystem::copy_file(AccessFile(access_folder).path(), AccessFile(copy).path(), failed);
    }
    if (!failed) return folder;
    TT_TRY(store_->drop_snapshot());
    return fail(error_from_errno(failed.value(), "copying the access book of " + access_folder));
  }

  const Clock& clock_;
  Logger& log_;
  Metrics metrics_;
  std::string node_;
  std::unique_ptr<Zygote> zygote_;
  std::unique_ptr<EmbeddedStore> store_;
  std::unique_ptr<CachedBlobs> blobs_;  // the store's, with a cache before them: writers and readers share it
  std::unique_ptr<CachedIndex> index_;
  std::unique_ptr<NatsServer> nats_server_;
  NatsQueue queue_;
  Lanes lanes_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<Documents> documents_;
  std::unique_ptr<Scrubber> scrubber_;
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace

Result<std::unique_ptr<Farm>> start_farm(const FarmConfig& config, const Clock& clock, Logger& log) {
  auto farm = std::make_unique<OneProcessFarm>(clock, log);
  TT_TRY(farm->start(config));
  return farm;
}

}  // namespace tintype
