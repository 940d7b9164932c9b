#include "gateway/access/access_document.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>

#include "storage_client/memory/memory_documents.h"

namespace tintype {
namespace {

using namespace std::chrono_literals;

// Documents that do not answer while `down`.
class FlakyDocuments final : public Documents {
 public:
  Result<Document> read(const std::string& name) override { return down ? lost() : documents_->read(name); }
  Result<std::uint64_t> version(const std::string& name) override {
    return down ? Result<std::uint64_t>(lost()) : documents_->version(name);
  }
  Result<std::uint64_t> write(const std::string& name, const std::string& text, std::uint64_t expected) override {
    if (before_write) std::exchange(before_write, nullptr)();
    return documents_->write(name, text, expected);
  }
  Status remove(const std::string& name) override { return documents_->remove(name); }
  Result<std::vector<std::string>> names(const std::string& prefix) override { return documents_->names(prefix); }

  std::atomic<bool> down = false;
  std::function<void()> before_write;

 private:
  static std::unexpected<Error> lost() { return fail(ErrorCode::kTimedOut, "no answer"); }
  std::unique_ptr<Documents> documents_ = make_memory_documents();
};

class AccessDocuments : public testing::Test {
 protected:
  Status add_token(const std::string& id) {
    return access.change(0, [&](AccessBook& book) -> Status {
      TokenRecord record;
      record.token = {id, "alice", Scopes::all(), 4'000'000'000'000};
      book.tokens.push_back(record);
      return {};
    });
  }
  static bool soon(const std::function<bool()>& holds) {
    for (int i = 0; i < 500 && !holds(); ++i) std::this_thread::sleep_for(10ms);
    return holds();
  }

  FlakyDocuments documents;
  AccessDocument access{documents};
  Logger log{LogLevel::kOff};
};

TEST_F(AccessDocuments, TheFirstChangeMakesABookWithAKey) {
  EXPECT_EQ(access.read().error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(add_token("t1"));
  const auto book = access.read();
  ASSERT_TRUE(book);
  EXPECT_EQ(book->keys.size(), 1u);
  EXPECT_EQ(book->tokens.size(), 1u);
}

TEST_F(AccessDocuments, TwoWhoChangeItAtOnceBothDo) {
  ASSERT_TRUE(add_token("t1"));
  documents.before_write = [this] { ASSERT_TRUE(add_token("from another gateway")); };
  ASSERT_TRUE(add_token("t2"));
  EXPECT_EQ(access.read()->tokens.size(), 3u);
}

TEST_F(AccessDocuments, AFailedEditChangesNothing) {
  ASSERT_TRUE(add_token("t1"));
  const Status failed = access.change(0, [](AccessBook& book) -> Status {
    book.tokens.clear();
    return fail(ErrorCode::kInvalidArgument, "no");
  });
  EXPECT_EQ(failed.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(access.read()->tokens.size(), 1u);
}

TEST_F(AccessDocuments, AGatewayHearsOfAChange) {
  PolledAccess live(documents, log, {.period = 10ms});
  EXPECT_EQ(live.now(), nullptr);
  EXPECT_FALSE(live.is_out_of_reach());
  ASSERT_TRUE(add_token("t1"));
  EXPECT_TRUE(soon([&] { return live.now() && live.now()->find_token("t1"); }));
  ASSERT_TRUE(access.change(0, [](AccessBook& book) -> Status {
    book.find_token("t1")->revoked_at_ms = 1;
    return {};
  }));
  EXPECT_TRUE(soon([&] { return live.now()->find_token("t1")->revoked_at_ms.has_value(); }));
}

TEST_F(AccessDocuments, ABookThatCannotBeLookedUpCountsForAWhileAndThenNoMore) {
  ASSERT_TRUE(add_token("t1"));
  PolledAccess live(documents, log, {.period = 10ms, .trusted_for = 1500ms});
  documents.down = true;
  std::this_thread::sleep_for(50ms);
  EXPECT_NE(live.now(), nullptr) << "a moment without an answer";
  EXPECT_TRUE(soon([&] { return live.now() == nullptr; }));
  EXPECT_TRUE(live.is_out_of_reach());
  documents.down = false;
  EXPECT_TRUE(soon([&] { return live.now() != nullptr; }));
  EXPECT_FALSE(live.is_out_of_reach());
}

}  // namespace
}  // namespace tintype
