#include "cli/compress/journal_line.h"

#include <algorithm>
#include <format>
#include <utility>

#include "cli/http/farm_json.h"
#include "cli/text/utf8.h"
#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/time_text.h"

namespace tintype {
namespace {

using Event = JournalLine::Event;

constexpr std::pair<Event, std::string_view> kEventNames[] = {
    {Event::kBatch, "batch"},   {Event::kSubmitted, "submitted"}, {Event::kDone, "done"},
    {Event::kFailed, "failed"}, {Event::kRemoved, "removed"},
};

void put_path(Json& object, const std::string& name, const std::string& path) {
  if (path.empty()) return;
  object[name] = to_valid_utf8(path);
  if (!is_valid_utf8(path)) object[name + "_hex"] = to_hex(as_bytes(path));
}

std::optional<std::string> from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::optional<std::string> path_at(const Json& object, const std::string& name) {
  if (const std::string hex = text_at(object, name + "_hex"); !hex.empty()) return from_hex(hex);
  return text_at(object, name);
}

Json variants_json(const std::vector<VariantFacts>& variants) {
  Json all = Json::array();
  for (const VariantFacts& v : variants) {
    Json& one = all.emplace_back(Json{{"name", v.name},
                                      {"format", v.format},
                                      {"width", v.width},
                                      {"height", v.height},
                                      {"bytes", v.bytes},
                                      {"sha256", v.sha256},
                                      {"encode_seconds", v.encode_seconds}});
    if (v.score) one["contract"] = {{"score", v.score->score}, {"met", v.score->met}, {"encodes", v.score->encodes}};
  }
  return all;
}

DoneFacts done_facts(const Json& object) {
  DoneFacts facts;
  facts.width = static_cast<std::uint32_t>(count_at(object, "width"));
  facts.height = static_cast<std::uint32_t>(count_at(object, "height"));
  for (const Json& v : array_at(object, "variants")) {
    facts.variants.push_back({text_at(v, "name"), text_at(v, "format"),
                              static_cast<std::uint32_t>(count_at(v, "width")),
                              static_cast<std::uint32_t>(count_at(v, "height")), count_at(v, "bytes"),
                              text_at(v, "sha256"), number_at(v, "encode_seconds"), score_facts_of(v)});
  }
  for (const Json& warning : array_at(object, "warnings")) {
    if (warning.is_string()) facts.warnings.push_back(warning.get<std::string>());
  }
  return facts;
}

}  // namespace

std::optional<ScoreFacts> score_facts_of(const Json& variant) {
  const Json& contract = object_at(variant, "contract");
  if (contract.empty()) return std::nullopt;
  return ScoreFacts{number_at(contract, "score"), flag_at(contract, "met"), number_at(contract, "encodes")};
}

JournalLine line_for(Event event, const std::string& key, const SourceFile& source) {
  JournalLine line;
  line.event = event;
  line.key = key;
  line.path = source.path;
  line.place = source.place;
  line.bytes = source.bytes;
  return line;
}

std::string to_text(const JournalLine& line) {
  Json object;
  object["event"] = std::ranges::find(kEventNames, line.event, &std::pair<Event, std::string_view>::first)->second;
  object["at"] = to_rfc3339(SystemClock().now_ms());
  if (line.event == Event::kBatch) {
    object["version"] = 1;
    object["batch"] = line.batch;
    return object.dump();
  }
  object["key"] = line.key;
  put_path(object, "path", line.path);
  put_path(object, "place", line.place);
  if (line.event != Event::kRemoved) object["bytes"] = line.bytes;
  if (line.event == Event::kSubmitted) {
    object["photo_id"] = line.photo_id;
    object["job_id"] = line.job_id;
  }
  if (line.done) {
    object["keep"] = line.keep;
    object["width"] = line.done->width;
    object["height"] = line.done->height;
    object["variants"] = variants_json(line.done->variants);
    if (!line.done->warnings.empty()) object["warnings"] = line.done->warnings;
  }
  if (line.failure) {
    object["code"] = error_name(line.failure->code);
    object["message"] = line.failure->message;
  }
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string line_of_batch(const std::string& batch) {
  JournalLine line;
  line.batch = batch;
  return to_text(line);
}

std::optional<JournalLine> parse_journal_line(std::string_view text) {
  const Json object = Json::parse(text, nullptr, false);
  const std::string name = text_at(object, "event");
  const auto event = std::ranges::find(kEventNames, name, &std::pair<Event, std::string_view>::second);
  if (event == std::end(kEventNames)) return std::nullopt;

  JournalLine line;
  line.event = event->first;
  line.batch = text_at(object, "batch");
  line.key = text_at(object, "key");
  const std::optional<std::string> path = path_at(object, "path");
  const std::optional<std::string> place = path_at(object, "place");
  const bool names_a_file =
      line.event == Event::kSubmitted || line.event == Event::kDone || line.event == Event::kFailed;
  if (line.event != Event::kBatch && line.key.empty()) return std::nullopt;
  if (names_a_file && (!path || path->empty() || !place || place->empty())) return std::nullopt;
  line.path = path.value_or("");
  line.place = place.value_or("");
  line.bytes = count_at(object, "bytes");
  line.photo_id = text_at(object, "photo_id");
  line.job_id = text_at(object, "job_id");
  line.keep = flag_at(object, "keep");
  if (line.event == Event::kDone) line.done = done_facts(object);
  if (line.event == Event::kFailed) {
    line.failure = Error{error_code_from_name(text_at(object, "code")), text_at(object, "message")};
  }
  return line;
}

}  // namespace tintype
