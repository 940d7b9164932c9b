// The command line as a program: help, mistakes, exit codes, and the commands that need no farm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/cli/fake_farm.h"
#include "tests/cli/program.h"
#include "tests/cli/temp_folder.h"
#include "tests/cli/tiny_png.h"
#include "tests/codec/support/jpeg_writer.h"
#include "tests/codec/support/pictures.h"
#include "tests/codec/support/png_writer.h"

namespace tintype {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using testing::Ended;
using testing::FakeFarm;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TempFolder;

Ended tintype(std::vector<std::string> words, std::vector<std::string> environment = {}) {
  words.insert(words.begin(), TINTYPE_WITH_FAKE_FARM);
  return testing::run(std::move(words), std::move(environment));
}

TEST(CommandLine, HelpIsATour) {
  const Ended root = tintype({"--help"});
  EXPECT_EQ(root.status, 0);
  EXPECT_THAT(root.out, AllOf(HasSubstr("compress"), HasSubstr("serve"), HasSubstr("jobs"), HasSubstr("doctor"),
                              HasSubstr("Exit codes"), HasSubstr("~/Pictures")));
  for (const char* command : {"compress", "serve", "token", "jobs", "devices", "recipes", "doctor", "compare", "backup",
                              "restore", "scrub"}) {
    const Ended help = tintype({command, "--help"});
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_THAT(help.out, AllOf(HasSubstr("Exit codes"), Not(HasSubstr("{false}")))) << command;
  }
  EXPECT_THAT(tintype({"--version"}).out, HasSubstr("tintype 0."));
}

TEST(CommandLine, MistakesAreExplained) {
  EXPECT_EQ(tintype({}).status, 2);
  const Ended misspelt = tintype({"compres", "x"});
  EXPECT_EQ(misspelt.status, 2);
  EXPECT_THAT(misspelt.err, HasSubstr("did you mean `tintype compress`?"));
  EXPECT_THAT(tintype({"jobs", "lst"}).err, HasSubstr("did you mean `tintype jobs list`?"));
  EXPECT_THAT(tintype({"frobnicate-everything"}).err, HasSubstr("there is no command `tintype frobnicate-everything`"));
  EXPECT_EQ(tintype({"compress"}).status, 2);
  EXPECT_EQ(tintype({"compress", "/nowhere/at/all"}).status, 2);
  EXPECT_EQ(tintype({"compress", "/tmp", "--class", "vip"}).status, 2);
  EXPECT_EQ(tintype({"serve", "--workers", "-1"}).status, 2);
  EXPECT_EQ(tintype({"jobs", "replay"}).status, 2);
  EXPECT_EQ(tintype({"jobs", "list", "--farm", "nonsense"}).status, 2);
}

TEST(CommandLine, RecipesNeedNoFarm) {
  EXPECT_THAT(tintype({"recipes"}).out, AllOf(HasSubstr("web "), HasSubstr("2048.webp")));
  EXPECT_EQ(json::parse(tintype({"recipes", "list", "--json"}).out)["recipes"][0]["name"], "web");
  const Ended shown = tintype({"recipes", "show", "web"});
  EXPECT_EQ(shown.status, 0);
  TempFolder temp;
  const Ended checked = tintype({"recipes", "check", temp.write("web.toml", shown.out)});
  EXPECT_EQ(checked.status, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("is a recipe: \"web\""));
  const Ended wrong = tintype({"recipes", "check", temp.write("wrong.toml", "name = \"x\"\nsharpen = 3\n")});
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.err, HasSubstr("sharpen"));
  EXPECT_EQ(tintype({"recipes", "check", temp.path("absent.toml")}).status, 2);
  EXPECT_EQ(tintype({"recipes", "show", "absent"}).status, 2);
}

TEST(CommandLine, TokensAreMadeListedAndRevoked) {
  TempFolder temp;
  const std::string data = temp.path("data");
  const Ended made =
      tintype({"token", "create", "--data", data, "--owner", "alice", "--note", "phone", "--mb-a-day", "5"});
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.out, ::testing::StartsWith("tt1.k1."));
  EXPECT_EQ(std::ranges::count(made.out, '\n'), 1) << "the token and nothing else";
  const json listed = json::parse(tintype({"token", "list", "--json", "--data", data}).out);
  EXPECT_EQ(listed["tokens"][0]["owner"], "alice");
  EXPECT_EQ(listed["tokens"][0]["scopes"], "read,write");
  EXPECT_EQ(listed["tokens"][0]["bytes_a_day"], 5'000'000);
  const std::string id = listed["tokens"][0]["id"];
  EXPECT_EQ(tintype({"token", "revoke", id, "--data", data}).status, 0);
  EXPECT_THAT(tintype({"token", "list", "--data", data}).out, AllOf(HasSubstr("revoked"), HasSubstr("phone")));
  EXPECT_EQ(tintype({"token", "revoke", "nonsense", "--data", data}).status, 2);
  for (const std::vector<std::string>& bad : std::vector<std::vector<std::string>>{{"--owner", "a b"},
                                                                                   {"--owner", "a", "--scope", "all"},
                                                                                   {"--owner", "a", "--expires", "1y"},
                                                                                   {"--owner", "a", "--expires", "0d"},
                                                                                   {}}) {
    std::vector<std::string> words = {"token", "create", "--data", data};
    words.insert(words.end(), bad.begin(), bad.end());
    EXPECT_EQ(tintype(words).status, 2);
  }
  EXPECT_EQ(tintype({"token", "list", "--data", temp.path("nowhere")}).status, 2);
}

TEST(CommandLine, CompareScoresTwoPictures) {
  TempFolder temp;
  const std::string red = temp.write("red.png", testing::tiny_png(40, 30, {200, 20, 20}));
  const std::string darker = temp.write("darker.png", testing::tiny_png(40, 30, {170, 20, 20}));
  const std::string small = temp.write("small.png", testing::tiny_png(39, 30, {200, 20, 20}));
  const Ended same = tintype({"compare", red, red});
  EXPECT_EQ(same.status, 0) << same.err;
  EXPECT_THAT(same.out, HasSubstr("100.0000"));
  const Ended other = tintype({"compare", "--json", red, darker});
  EXPECT_EQ(other.status, 0) << other.err;
  EXPECT_LT(json::parse(other.out)["ssimulacra2"], 90);
  EXPECT_EQ(json::parse(other.out)["original"]["width"], 40);
  const Ended sizes = tintype({"compare", red, small});
  EXPECT_EQ(sizes.status, 2);
  EXPECT_THAT(sizes.err, AllOf(HasSubstr("40 x 30"), HasSubstr("39 x 30")));
  const Ended broken = tintype({"compare", red, temp.write("text.png", "no picture")});
  EXPECT_EQ(broken.status, 1);
  EXPECT_THAT(broken.err, HasSubstr("text.png"));
  EXPECT_EQ(tintype({"compare", red, temp.path("absent.png")}).status, 2);
}

TEST(CommandLine, CompareTakesAJpegAsItTakesAPng) {
  TempFolder temp;
  const Image picture = testing::make_picture(96, 64);
  const std::string png = temp.write("a.png", std::string(as_text(testing::write_png(picture))));
  for (const int samples : {1, 2}) {
    const Bytes coded = testing::write_jpeg(picture, {.quality = 98, .horizontal = samples, .vertical = samples});
    const std::string jpeg = temp.write("a.jpg", std::string(as_text(coded)));
    for (const auto& words :
         {std::vector<std::string>{"compare", "--json", png, jpeg}, {"compare", "--json", jpeg, png}}) {
      const Ended compared = tintype(words);
      ASSERT_EQ(compared.status, 0) << compared.err;
      EXPECT_GT(json::parse(compared.out)["ssimulacra2"], 80) << samples;
    }
  }
}

TEST(CommandLine, TheFarmComesFromTheOptionOrTheEnvironment) {
  FakeFarm farm({});
  EXPECT_EQ(tintype({"devices"}, {"TINTYPE_FARM=" + farm.url()}).status, 0);
  EXPECT_EQ(tintype({"devices", "--farm", farm.url()}, {"TINTYPE_FARM=http://127.0.0.1:1"}).status, 0);
  const Ended nobody = tintype({"devices"}, {"TINTYPE_FARM=http://127.0.0.1:1"});
  EXPECT_EQ(nobody.status, 3);
  EXPECT_THAT(nobody.err, HasSubstr("no farm answers at http://127.0.0.1:1"));
  EXPECT_EQ(tintype({"jobs", "show", "0abc", "--farm", farm.url()}).status, 2) << "no such job";
}

}  // namespace
}  // namespace tintype
