// The layer and the model themselves: what survives is what POSIX promises, and the layer misses nothing.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "tests/crash/survivors.h"
#include "tests/crash/sync_layer.h"
#include "tests/storage_client/store_fixtures.h"

namespace tintype::crash {
namespace {

void put(const std::string& path, std::string_view text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  if (::write(fd, text.data(), text.size()) != std::ssize(text)) ::_exit(1);
  ::close(fd);
}

void sync(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY);
  if (::fsync(fd) != 0) ::_exit(1);
  ::close(fd);
}

class SyncLayerTest : public ::testing::Test {
 protected:
  SyncLayerTest() { std::filesystem::create_directory(folder); }

  // A process does this under the layer and ends without a goodbye; then the power goes.
  void power_cut_after(const std::function<void()>& deeds, Keep keep = Keep::kSyncedOnly) {
    Survivors survivors(folder);
    const pid_t pid = ::fork();
    if (pid == 0) {
      watch(folder, place.path() + "/journal", 0);
      deeds();
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    ASSERT_EQ(status, 0);
    live = snapshot();
    survivors.after(place.path() + "/journal", keep, random);
  }

  std::string at(const std::string& name) const { return folder + "/" + name; }
  std::map<std::string, std::string> snapshot() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      files[entry.path().lexically_relative(folder).string()] = {std::istreambuf_iterator<char>(in), {}};
    }
    return files;
  }

  testing::TemporaryFolder place{testing::FolderOn::kMemory};
  const std::string folder = place.path() + "/store";
  std::map<std::string, std::string> live;
  std::mt19937 random{1};
};

using Files = std::map<std::string, std::string>;

TEST_F(SyncLayerTest, AFileNeedsItsOwnSyncAndItsFolders) {
  power_cut_after([&] {
    put(at("both"), "abc");
    sync(at("both"));
    put(at("name only"), "abc");
    sync(folder);
    put(at("bytes only"), "abc");
    sync(at("bytes only"));
  });
  EXPECT_EQ(snapshot(), (Files{{"both", "abc"}, {"name only", ""}}));
}

TEST_F(SyncLayerTest, WhatIsWrittenAfterASyncIsLost) {
  put(at("a"), "old text");
  power_cut_after([&] {
    put(at("a"), "new");
    sync(at("a"));
    put(at("a"), "newest");
  });
  EXPECT_EQ(snapshot(), (Files{{"a", "new text"}}));
}

TEST_F(SyncLayerTest, RenamesAndDeletesStayOnceTheFolderIsSynced) {
  for (const char* name : {"a", "b", "c", "d"}) put(at(name), name);
  power_cut_after([&] {
    ::rename(at("a").c_str(), at("a2").c_str());
    ::unlink(at("b").c_str());
    sync(folder);
    ::rename(at("c").c_str(), at("c2").c_str());
    ::unlink(at("d").c_str());
  });
  EXPECT_EQ(snapshot(), (Files{{"a2", "a"}, {"c", "c"}, {"d", "d"}}));
}

TEST_F(SyncLayerTest, AFolderThatWasNotSyncedIntoItsParentTakesAllItHolds) {
  power_cut_after([&] {
    ::mkdir(at("sub").c_str(), 0700);
    put(at("sub/a"), "abc");
    sync(at("sub/a"));
    sync(at("sub"));
  });
  EXPECT_EQ(snapshot(), Files());
}

// If the layer missed a call that the store or RocksDB makes, the folder it remembers would differ from the real one.
TEST_F(SyncLayerTest, MissesNothingThatTheStoreDoes) {
  const auto hammer = [&] {
    const SystemClock clock;
    for (int opening = 0; opening < 3; ++opening) {
      const auto store = testing::open_store(testing::small_config(folder), clock);
      for (std::uint64_t i = 0; i < 200; ++i) {
        const PhotoId photo = testing::photo_id(1'750'000'000'000 + opening, i);
        const auto bytes = testing::pattern(i % 4 == 0 ? 100'000 : 9'000);
        if (!testing::write_blob(store->blobs(), testing::blob_key("anna", photo), bytes)) ::_exit(3);
        if (!store->index().create("anna", testing::sample_photo("anna", photo))) ::_exit(4);
        if (i % 3 == 0 && !store->index().remove("anna", photo)) ::_exit(5);
        if (i % 3 == 0 && !store->blobs().remove_photo("anna", photo)) ::_exit(6);
      }
    }
  };
  power_cut_after(hammer, Keep::kEverything);
  const auto by_stdio = [](const auto& file) { return file.first.starts_with("db/LOG"); };
  std::erase_if(live, by_stdio);
  Files kept = snapshot();
  std::erase_if(kept, by_stdio);
  ASSERT_GT(kept.size(), 20u);
  for (const auto& [name, bytes] : live) {
    ASSERT_TRUE(kept.contains(name)) << name;
    EXPECT_TRUE(kept[name] == bytes) << name << ": " << kept[name].size() << " bytes and " << bytes.size();
  }
  for (const auto& [name, bytes] : kept) EXPECT_TRUE(live.contains(name)) << name;
}

}  // namespace
}  // namespace tintype::crash
