// A gateway over stores and a queue in memory, and a client's view of it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "core/queue/memory/memory_queue.h"
#include "gateway/gateway.h"
#include "storage_client/memory/memory_store.h"
#include "tests/gateway/socket_client.h"

namespace tintype {

using TestJson = nlohmann::json;

class GatewayTest : public ::testing::Test {
 protected:
  GatewayTest();
  ~GatewayTest() override;

  // With what `config` and the pointers below say; the pointers may have been turned to decorators before.
  void start();

  Answer ask(const Ask& what) { return fetch(port, what); }
  Answer get(const std::string& target, const std::string& headers = "") {
    return ask({.method = "GET", .target = target, .headers = headers, .body = ""});
  }
  TestJson get_json(const std::string& target);
  // POST /v1/photos; expects 201 and answers its body.
  TestJson upload(const std::string& bytes, const std::string& query = "", const std::string& headers = "");

  // The photo as the store has it.
  Photo stored(const std::string& photo_id, const std::string& owner = "local");
  // Keys of every blob there is.
  std::vector<std::string> blob_keys();
  std::size_t photos_of(const std::string& owner = "local");
  std::string blob_text(const std::string& key);
  // The photo gets a manifest with these variants (name, bytes), as a job would commit it.
  void commit_variants(const std::string& photo_id, const std::vector<std::pair<std::string, std::string>>& variants);
  // The jobs that wait, taken from the queue.
  std::vector<std::unique_ptr<Delivery>> take_jobs(JobClass job_class = JobClass::kUpload);

  template <typename Condition>
  bool soon(Condition condition) {
    for (int i = 0; i < 1000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  SystemClock clock;
  MemoryStore store;
  std::unique_ptr<JobQueue> memory_queue;
  std::unique_ptr<EventLog> event_log;
  Metrics metrics;
  Logger log{LogLevel::kOff};
  GatewayConfig config;

  BlobStore* blobs;
  PhotoIndex* index;
  JobStore* jobs;
  JobQueue* queue;
  EventLog* events;
  BlobStore* blobs_at_hand = nullptr;
  PhotoIndex* index_at_hand = nullptr;

  std::unique_ptr<Gateway> gateway;
  std::uint16_t port = 0;
};

// `size` bytes that no other part of them looks like.
std::string noise(std::size_t size, unsigned seed = 1);

// An answer that is a problem document of this status and code.
void expect_problem(const Answer& answer, int status, std::string_view code);

}  // namespace tintype
