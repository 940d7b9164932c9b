#include "cli/http/event_stream.h"

#include <gtest/gtest.h>

#include <vector>

namespace tintype {
namespace {

std::vector<ServerEvent> events_of(std::string_view text, std::size_t piece_bytes) {
  std::vector<ServerEvent> events;
  EventStream stream;
  for (std::size_t at = 0; at < text.size(); at += piece_bytes) {
    stream.feed(text.substr(at, piece_bytes), [&](const ServerEvent& event) { events.push_back(event); });
  }
  return events;
}

TEST(EventStreamTest, TakesAStreamApartInPiecesOfAnySize) {
  const std::string text =
      ":\n\n"
      "id: 1\nevent: job.done\ndata: {\"a\":1}\n\n"
      ": comment\n"
      "event: job.failed\r\ndata: x\r\ndata:y\r\n\r\n"
      "data: no type\r\r"
      "event: without data\n\n"
      "data: not ended";
  for (const std::size_t size : {1u, 2u, 3u, 7u, 1000u}) {
    const auto events = events_of(text, size);
    ASSERT_EQ(events.size(), 3u) << size;
    EXPECT_EQ(events[0].id, "1");
    EXPECT_EQ(events[0].type, "job.done");
    EXPECT_EQ(events[0].data, "{\"a\":1}");
    EXPECT_EQ(events[1].type, "job.failed");
    EXPECT_EQ(events[1].data, "x\ny");
    EXPECT_EQ(events[1].id, "");
    EXPECT_EQ(events[2].type, "message");
    EXPECT_EQ(events[2].data, "no type");
  }
}

TEST(EventStreamTest, AnEndlessLineIsCut) {
  EventStream stream;
  std::string data;
  stream.feed("data: ", [](const ServerEvent&) {});
  for (int i = 0; i < 64; ++i) stream.feed(std::string(64 << 10, 'x'), [](const ServerEvent&) {});
  stream.feed("\n\n", [&](const ServerEvent& event) { data = event.data; });
  EXPECT_GT(data.size(), 0u);
  EXPECT_LE(data.size(), 1u << 20);
}

}  // namespace
}  // namespace tintype
