// What every implementation of Documents must do: run by the tests of each.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "storage_client/documents.h"

namespace tintype::testing {

inline void expect_documents_keep_their_promises(Documents& documents) {
  EXPECT_EQ(documents.read("a/1").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(documents.version("a/1").value(), 0u);
  EXPECT_TRUE(documents.names("").value().empty());

  const auto first = documents.write("a/1", "one", 0);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(documents.write("a/1", "other", 0).error().code, ErrorCode::kConflict) << "it exists";
  EXPECT_EQ(documents.read("a/1")->text, "one");
  EXPECT_EQ(documents.version("a/1").value(), *first);

  const auto second = documents.write("a/1", "two", *first);
  ASSERT_TRUE(second);
  EXPECT_NE(*second, *first);
  EXPECT_EQ(documents.write("a/1", "late", *first).error().code, ErrorCode::kConflict);
  EXPECT_EQ(documents.read("a/1")->text, "two");

  ASSERT_TRUE(documents.write("b/2", std::string(1 << 20, 'x'), 0));
  ASSERT_TRUE(documents.write("a/0", "zero", 0));
  EXPECT_EQ(documents.names("a/").value(), (std::vector<std::string>{"a/0", "a/1"}));
  EXPECT_EQ(documents.names("").value().size(), 3u);
  EXPECT_EQ(documents.read("b/2")->text.size(), std::size_t{1} << 20);

  ASSERT_TRUE(documents.remove("a/1"));
  EXPECT_TRUE(documents.remove("a/1"));
  EXPECT_EQ(documents.read("a/1").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(documents.names("a/").value(), (std::vector<std::string>{"a/0"}));
  EXPECT_EQ(documents.write("a/1", "late", *second).error().code, ErrorCode::kConflict) << "it is gone";
  EXPECT_TRUE(documents.write("a/1", "again", 0));

  EXPECT_EQ(documents.write("a b", "x", 0).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(documents.write("", "x", 0).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(documents.write("empty", "", 0).error().code, ErrorCode::kInvalidArgument);
}

// Each adds to a number that all share; what was answered Ok is there once, what was refused is not, and what nobody
// can tell at most once.
inline void expect_no_change_is_lost(Documents& documents) {
  constexpr int kThreads = 4, kEach = 25;
  std::atomic<int> unsure = 0;
  ASSERT_TRUE(documents.write("sum", "0", 0));
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int done = 0; done < kEach;) {
          const auto now = documents.read("sum");
          ASSERT_TRUE(now);
          const auto written = documents.write("sum", std::to_string(std::stoi(now->text) + 1), now->version);
          if (written) ++done;
          if (!written && written.error().code == ErrorCode::kTimedOut) ++unsure;
        }
      });
    }
  }
  const int sum = std::stoi(documents.read("sum")->text);
  EXPECT_GE(sum, kThreads * kEach);
  EXPECT_LE(sum, kThreads * kEach + unsure);
}

}  // namespace tintype::testing
