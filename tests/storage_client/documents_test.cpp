#include "tests/storage_client/documents_cases.h"

#include "storage_client/memory/memory_documents.h"
#include "storage_client/store_format.h"

namespace tintype {
namespace {

TEST(DocumentsTest, InMemoryKeepTheirPromises) {
  testing::expect_documents_keep_their_promises(*make_memory_documents());
}

TEST(DocumentsTest, InMemoryLoseNoChange) { testing::expect_no_change_is_lost(*make_memory_documents()); }

TEST(StoreFormat, AnEmptyStoreIsOfTheProgramsThatUseIt) {
  const auto documents = make_memory_documents();
  EXPECT_TRUE(check_store_format(*documents));
  EXPECT_TRUE(check_store_format(*documents));
  EXPECT_EQ(documents->read("format")->text, std::to_string(kStoreFormat));
}

TEST(StoreFormat, ANewerProgramReadsAnOlderStoreAndNotTheOtherWayRound) {
  const auto documents = make_memory_documents();
  ASSERT_TRUE(check_store_format(*documents, 1));
  EXPECT_TRUE(check_store_format(*documents, 2));
  EXPECT_EQ(documents->read("format")->text, "1") << "raised by hand, when no old program runs";
  ASSERT_TRUE(documents->write("format", "2", documents->read("format")->version));
  const Status old = check_store_format(*documents, 1);
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(old.error().message.find("update it"), std::string::npos);
}

TEST(StoreFormat, ADocumentThatIsNoNumberIsAnError) {
  const auto documents = make_memory_documents();
  ASSERT_TRUE(documents->write("format", "one", 0));
  EXPECT_EQ(check_store_format(*documents).error().code, ErrorCode::kCorruptData);
}

}  // namespace
}  // namespace tintype
