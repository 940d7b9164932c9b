// The page in headless Chromium, from file://: it draws itself, every picture loads, the line moves, nothing
// is said on the console. A script that only these tests add does what a person would and writes down what it
// saw.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <format>
#include <nlohmann/json.hpp>

#include "cli/report/report_page.h"
#include "tests/cli/program.h"
#include "tests/cli/temp_folder.h"
#include "tests/cli/tiny_png.h"

namespace tintype {
namespace {

using nlohmann::json;
using testing::Ended;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TempFolder;
using testing::tiny_png;

class PageInBrowser : public ::testing::Test {
 protected:
  void SetUp() override {
    if (testing::run({"chromium", "--version"}).status == 127) GTEST_SKIP() << "chromium is not installed";
    report_.recipe = "web";
    report_.out_dir = temp_.path("out");
    report_.made_at = "2026-11-22T08:09:21.123Z";
  }

  void add_photo(const std::string& place, bool with_source = true) {
    ReportPhoto photo;
    photo.place = place;
    photo.source = temp_.path("src/" + place);
    photo.bytes = 40'000;
    photo.facts = {80, 60, {}, {"a warning & <b>"}};
    if (with_source) temp_.write("src/" + place, tiny_png(80, 60, {200, 40, 40}));
    for (const auto& [name, format, width, height] :
         {std::tuple{"64.webp", "webp", 64u, 48u}, std::tuple{"32.webp", "webp", 32u, 24u},
          std::tuple{"64.avif", "avif", 64u, 48u}}) {
      temp_.write(std::format("out/{}/{}", place, name), tiny_png(width, height, {40, 200, 40}));
      photo.facts.variants.push_back({name, format, width, height, 4'000, "x", 0.1});
    }
    report_.photos.push_back(std::move(photo));
  }

  // The page after it loaded with `hash`, with `script` added at its end.
  Ended browse(const std::string& hash = "", const std::string& script = "") {
    std::string page = report_html(report_);
    const std::size_t end = page.rfind("</body>");
    page.insert(end,
                "<script>addEventListener('load', async () => {\nconst tell = (saw) => "
                "document.documentElement.dataset.saw = "
                "JSON.stringify(saw);\nconst loaded = () => [...document.images].every((i) => "
                "!i.getAttribute('src') || "
                "(i.complete && i.naturalWidth > 0));\n" +
                    script + "\n});</script>");
    temp_.write("out/index.html", page);
    TempFolder profile;
    return testing::run({"chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                         "--disable-component-update", "--disable-sync", "--no-first-run",
                         "--user-data-dir=" + profile.path(), "--enable-logging=stderr", "--window-size=1400,900",
                         "--virtual-time-budget=8000", "--dump-dom", "file://" + temp_.path("out/index.html") + hash});
  }
  static json saw(const Ended& ended) {
    static constexpr std::string_view kBegin = "data-saw=\"";
    const std::size_t begin = ended.out.find(kBegin);
    if (begin == std::string::npos) return nullptr;
    std::string text =
        ended.out.substr(begin + kBegin.size(), ended.out.find('"', begin + kBegin.size()) - begin - kBegin.size());
    for (const auto& [mark, meant] :
         {std::pair{"&quot;", "\""}, std::pair{"&lt;", "<"}, std::pair{"&gt;", ">"}, std::pair{"&amp;", "&"}}) {
      for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; ++at)
        text.replace(at, std::strlen(mark), meant);
    }
    return json::parse(text, nullptr, false);
  }
  static void expect_silence(const Ended& ended) { EXPECT_THAT(ended.err, Not(HasSubstr("CONSOLE"))) << ended.err; }

  TempFolder temp_;
  Report report_;
};

TEST_F(PageInBrowser, DrawsItselfWithoutAWordAndAllPicturesLoad) {
  add_photo("p/a.jpg");
  add_photo("p/\"><script>document.title='owned'<\\script>.jpg");
  add_photo("p/# ?%41&b\\c.jpg");
  add_photo("p/grüße 写真.jpg");
  report_.failures.push_back(
      {"p/bad<img src=x onerror=\"document.title='owned'\">.jpg", {ErrorCode::kCorruptImage, "it contradicts itself"}});
  const Ended ended = browse("",
                             "tell({images: document.images.length, loaded: loaded(), title: document.title,"
                             " cards: document.querySelectorAll('.card').length,"
                             " failures: document.querySelectorAll('#failures tbody tr').length,"
                             " scripts: document.scripts.length});");
  ASSERT_EQ(ended.status, 0) << ended.err;
  expect_silence(ended);
  const json page = saw(ended);
  EXPECT_EQ(page["cards"], 4);
  EXPECT_EQ(page["loaded"], true) << page;
  EXPECT_EQ(page["failures"], 1);
  EXPECT_EQ(page["scripts"], 3) << "the data, the page's and this test's: a name is no script";
  EXPECT_EQ(page["title"], "Tintype: before and after");
}

TEST_F(PageInBrowser, TheLineMovesByKeyByPointerAndByLink) {
  add_photo("p/a.jpg");
  add_photo("p/b.jpg");
  const Ended ended = browse("#photo=1&variant=64.webp&cut=30", R"(
    const cut = document.getElementById('cut'), compare = document.getElementById('compare');
    const where = () => getComputedStyle(document.querySelector('.handle')).left;
    const at = () => compare.style.getPropertyValue('--cut');
    const saw = {open: document.getElementById('viewer').open, name: document.getElementById('viewer-name').textContent, link: at(), focus: document.activeElement.id};
    const left = where();
    cut.value = 80;
    cut.dispatchEvent(new Event('input'));
    saw.key = at();
    saw.moved = parseFloat(where()) > parseFloat(left) + 100;
    const box = compare.getBoundingClientRect();
    compare.setPointerCapture = () => {};
    compare.dispatchEvent(new PointerEvent('pointerdown', {pointerId: 1, clientX: box.left + box.width / 4, clientY: box.top + 5, bubbles: true}));
    saw.pointer = at();
    saw.hash = location.hash;
    document.querySelector('#ladder tr[data-name="64.avif"] button').click();
    saw.after = document.getElementById('tag-after').textContent;
    document.getElementById('previous').click();
    saw.previous = document.getElementById('viewer-name').textContent;
    for (let i = 0; i < 100 && !loaded(); ++i) await new Promise((done) => setTimeout(done, 20));
    saw.loaded = loaded();
    saw.before = document.getElementById('tag-before').textContent;
    saw.notice = document.getElementById('notice').hidden;
    document.getElementById('close').click();
    saw.closed = !document.getElementById('viewer').open;
    tell(saw);)");
  ASSERT_EQ(ended.status, 0) << ended.err;
  expect_silence(ended);
  const json page = saw(ended);
  EXPECT_EQ(page["open"], true) << page;
  EXPECT_EQ(page["name"], "p/b.jpg");
  EXPECT_EQ(page["focus"], "cut") << "the arrow keys work at once";
  EXPECT_EQ(page["link"], "30%");
  EXPECT_EQ(page["key"], "80%");
  EXPECT_EQ(page["moved"], true);
  EXPECT_EQ(page["pointer"], "25%");
  EXPECT_EQ(page["hash"], "#photo=1&variant=64.webp&cut=25");
  EXPECT_EQ(page["after"], "After: 64.avif, 4.00 kB");
  EXPECT_EQ(page["previous"], "p/a.jpg");
  EXPECT_EQ(page["loaded"], true);
  EXPECT_EQ(page["before"], "Before: original, 40.0 kB");
  EXPECT_EQ(page["notice"], true) << "the original is shown, so nothing is to be noticed";
  EXPECT_EQ(page["closed"], true);
}

TEST_F(PageInBrowser, AnOriginalThatIsGoneIsReplacedAndSaidSo) {
  add_photo("p/a.jpg", false);
  const Ended ended = browse("#photo=0&variant=64.avif", R"(
    for (let i = 0; i < 100 && document.getElementById('notice').hidden; ++i) await new Promise((done) => setTimeout(done, 20));
    for (let i = 0; i < 100 && !loaded(); ++i) await new Promise((done) => setTimeout(done, 20));
    tell({notice: document.getElementById('notice').textContent, before: document.getElementById('before').getAttribute('src'), loaded: loaded()});)");
  const json page = saw(ended);
  EXPECT_EQ(page["before"], "./p/a.jpg/64.webp") << "a variant of another format";
  EXPECT_EQ(page["loaded"], true);
  EXPECT_THAT(page["notice"].get<std::string>(), HasSubstr("64.webp instead"));
}

TEST_F(PageInBrowser, TenThousandPhotosComeInPages) {
  add_photo("p/a.jpg");
  const ReportPhoto one = report_.photos[0];
  for (int i = 1; i < 10'000; ++i) {
    report_.photos.push_back(one);
    report_.photos.back().place = std::format("p/{:05}.jpg", i);
  }
  const Ended ended = browse("", R"(
    const pages = [...document.querySelectorAll('#pages button')].map((b) => b.textContent);
    const lazy = [...document.querySelectorAll('.card img')].every((i) => i.loading === 'lazy');
    const search = document.getElementById('search');
    search.value = '0123';
    search.dispatchEvent(new Event('input'));
    tell({cards: document.querySelectorAll('.card').length, pages, lazy, count: document.getElementById('count').textContent});)");
  ASSERT_EQ(ended.status, 0) << ended.err;
  const json page = saw(ended);
  EXPECT_EQ(page["pages"], (json{"←", "1", "2", "3", "167", "→"}));
  EXPECT_EQ(page["lazy"], true);
  EXPECT_EQ(page["cards"], 11) << "00123, 01230 to 01239";
  EXPECT_EQ(page["count"], "11 of 10,000 photos");
}

}  // namespace
}  // namespace tintype
