// The checker on a made-up tree: it must find what is forbidden and let pass what is not.
#include "tests/layers/include_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace tintype {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class IncludeRulesTest : public ::testing::Test {
 protected:
  IncludeRulesTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "layers-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  ~IncludeRulesTest() override { std::filesystem::remove_all(root_); }

  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  std::vector<std::string> violations() const {
    std::vector<std::string> lines;
    for (const IncludeViolation& violation : check_includes(root_).violations) lines.push_back(violation.to_string());
    return lines;
  }

  std::filesystem::path root_;
};

TEST_F(IncludeRulesTest, LowerRowsAndTheOwnFolderAreAllowed) {
  write("cli/main.cpp",
        "#include <vector>\n#include <curl/curl.h>\n#include \"cli/a.h\"\n#include \"gateway/b.h\"\n"
        "#include \"scheduler/c.h\"\n#include \"workers/lane.h\"\n#include \"core/base/error.h\"\n");
  write("workers/cpu/lane.cpp",
        "#include \"codec/decode.h\"\n#include \"kernels/reference/dct.h\"\n"
        "#include \"workers/sandbox/child.h\"\n");
  write("core/job/job_json.h", "#include <nlohmann/json.hpp>\n");
  write("core/job/json_fields.h", "#include <nlohmann/json.hpp>\n");
  write("core/job/job.cpp", "#include <toml++/toml.hpp>\n#include \"core/base/ids.h\"\n");
  write("core/queue/nats/queue.cpp", "#include <nats/nats.h>\n#include \"nats.h\"\n#include \"core/job/job.h\"\n");
  const IncludeReport report = check_includes(root_);
  EXPECT_THAT(violations(), IsEmpty());
  EXPECT_EQ(report.files, 6);
  EXPECT_EQ(report.includes, 17);
}

TEST_F(IncludeRulesTest, FindsAnIncludeOfALayerAbove) {
  write("codec/probe.cpp", "// what it is\n\n  #  include  \"workers/lane.h\"  // why\n");
  EXPECT_THAT(violations(), ElementsAre("codec/probe.cpp:3: includes workers/lane.h: workers is above codec"));
}

TEST_F(IncludeRulesTest, AngleBracketsAreNoWayAround) {
  write("core/base/log.cpp", "#include <core/job/job.h>\n");
  EXPECT_THAT(violations(), ElementsAre(StartsWith("core/base/log.cpp:1: includes core/job/job.h")));
}

TEST_F(IncludeRulesTest, FindsASiblingOnTheSameRow) {
  write("gateway/api.cpp", "#include \"scheduler/dispatcher.h\"\n");
  write("storage_client/store.h", "#include \"core/base/error.h\"\n#include \"core/queue/job_queue.h\"\n");
  write("kernels/dct.h", "#include \"core/job/plan.h\"\n");
  EXPECT_THAT(violations(),
              ElementsAre("gateway/api.cpp:1: includes scheduler/dispatcher.h: gateway and scheduler are on one row",
                          "kernels/dct.h:1: includes core/job/plan.h: kernels and core/job are on one row",
                          "storage_client/store.h:2: includes core/queue/job_queue.h: storage_client and core/queue "
                          "are on one row"));
}

TEST_F(IncludeRulesTest, FindsThirdPartyHeadersOutOfTheirPlace) {
  const struct {
    std::string file, include, home;
  } cases[] = {
      {"core/queue/memory/queue.cpp", "nats/nats.h", "core/queue/nats"},
      {"core/queue/memory/queue.h", "nats.h", "core/queue/nats"},
      {"storage_client/memory/index.cpp", "rocksdb/db.h", "storage_client/embedded"},
      {"storage_client/embedded/index.cpp", "rados/librados.h", "storage_client/rados"},
      {"workers/cpu/lane.cpp", "CL/cl.h", "workers/opencl"},
      {"workers/cpu/lane.h", "xrt/xrt_device.h", "workers/fpga"},
      {"workers/cpu/child.cpp", "seccomp.h", "workers/sandbox"},
      {"cli/client.cpp", "boost/beast.hpp", "gateway"},
      {"workers/cpu/codec.cpp", "opencv2/core.hpp", "codec"},
      {"workers/cpu/a.cpp", "webp/encode.h", "codec"},
      {"scheduler/a.cpp", "avif/avif.h", "codec"},
      {"scheduler/b.cpp", "jpeglib.h", "codec"},
      {"scheduler/c.cpp", "png.h", "codec"},
      {"scheduler/d.cpp", "gif_lib.h", "codec"},
      {"scheduler/e.cpp", "lcms2.h", "codec"},
      {"scheduler/f.cpp", "libexif/exif-data.h", "codec"},
      {"gateway/hook.cpp", "curl/curl.h", "cli/ and gateway/fetch"},
      {"kernels/reference/blur.cpp", "hwy/highway.h", "kernels/simd"},
  };
  for (const auto& [file, include, home] : cases) {
    write(file, "#include <" + include + ">\n");
    EXPECT_THAT(violations(),
                ElementsAre(file + ":1: includes " + include + ": " + include + " belongs to " + home + "/ alone"));
    std::filesystem::remove(root_ / file);
  }
}

TEST_F(IncludeRulesTest, FindsAParserThatLeaksFromAHeader) {
  write("core/job/recipe.h", "#include <toml++/toml.hpp>\n");
  write("gateway/api.h", "#pragma once\n#include <nlohmann/json.hpp>\n");
  EXPECT_THAT(violations(), ElementsAre(HasSubstr("core/job/recipe.h:1: includes toml++/toml.hpp"),
                                        HasSubstr("gateway/api.h:2: includes nlohmann/json.hpp")));
}

TEST_F(IncludeRulesTest, FindsIncludesThatAreNoPathsFromTheRoot) {
  write("codec/decode.cpp", "#include \"decode.h\"\n#include \"../core/base/error.h\"\n#include \"tests/x.h\"\n");
  EXPECT_EQ(violations().size(), 3u);
}

TEST_F(IncludeRulesTest, FoldersThatBeginAlikeAreNotTheSame) {
  write("workers/fpga_tools/a.cpp", "#include <xrt/xrt_device.h>\n");
  EXPECT_EQ(violations().size(), 1u);
}

TEST_F(IncludeRulesTest, TestsAndBenchesMayIncludeAnything) {
  write("tests/a.cpp", "#include \"cli/a.h\"\n#include <png.h>\n");
  write("bench/a.cpp", "#include \"cli/a.h\"\n#include <png.h>\n");
  EXPECT_THAT(violations(), IsEmpty());
}

}  // namespace
}  // namespace tintype
