#include "cli/compress/farm_requests.h"

#include <algorithm>
#include <filesystem>
#include <format>
#include <memory>
#include <utility>

#include "cli/compress/journal_line.h"
#include "cli/compress/part_file.h"
#include "cli/compress/source_reader.h"
#include "cli/http/farm_json.h"
#include "cli/text/utf8.h"

namespace tintype {
namespace {

constexpr std::size_t kMaxNameBytes = 200;

// A variant's name becomes a file's name: nothing that leads out of its folder.
bool is_file_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  };
  return !name.empty() && name.size() <= 64 && name.front() != '.' && std::ranges::all_of(name, plain);
}

std::string upload_name(const std::string& path) {
  std::string name = printable(std::filesystem::path(path).filename().string());
  if (name.size() > kMaxNameBytes) name = to_valid_utf8(name.substr(name.size() - kMaxNameBytes));
  return name;
}

Result<DoneFacts> done_facts_of(const Json& photo) {
  const Json& manifest = object_at(photo, "manifest");
  DoneFacts facts;
  facts.width = static_cast<std::uint32_t>(count_at(photo, "width"));
  facts.height = static_cast<std::uint32_t>(count_at(photo, "height"));
  for (const Json& v : array_at(manifest, "variants")) {
    VariantFacts variant{text_at(v, "name"),
                         text_at(v, "format"),
                         static_cast<std::uint32_t>(count_at(v, "width")),
                         static_cast<std::uint32_t>(count_at(v, "height")),
                         count_at(v, "bytes"),
                         text_at(v, "sha256"),
                         number_at(v, "encode_seconds"),
                         score_facts_of(v)};
    if (!is_file_name(variant.name)) {
      return fail(ErrorCode::kWorkerLied, std::format("the farm names a variant \"{}\"", printable(variant.name)));
    }
    facts.variants.push_back(std::move(variant));
  }
  for (const Json& warning : array_at(manifest, "warnings")) {
    if (warning.is_string()) facts.warnings.push_back(warning.get<std::string>());
  }
  if (facts.variants.empty()) return fail(ErrorCode::kUnavailable, "the farm has no variants of it yet");
  return facts;
}

JobNews job_news_of(const Json& job) {
  JobNews news;
  // A state that a newer farm may know is one that has not ended.
  news.state = parse_job_state(text_at(job, "state")).value_or(JobState::kRunning);
  const Json& failure = object_at(job, "failure");
  if (news.state == JobState::kFailed) {
    news.failure = {error_code_from_name(text_at(failure, "code")), text_at(failure, "message")};
  } else if (news.state == JobState::kCancelled) {
    news.failure = {ErrorCode::kCancelled, "its job was cancelled in the farm"};
  }
  return news;
}

}  // namespace

FarmRequests::Id FarmRequests::start(HttpRequest request, std::move_only_function<void(Result<HttpAnswer>)> done) {
  return engine_.start(std::move(request), [this, done = std::move(done)](Result<HttpAnswer> answer) mutable {
    if (!answer && answer.error().code == ErrorCode::kUnavailable) lost_(answer.error());
    done(std::move(answer));
  });
}

FarmRequests::Id FarmRequests::upload(const SourceFile& source, const UploadTerms& terms,
                                      const std::string& idempotency_key, Answered<Submitted> done) {
  Result<SourceReader> opened = SourceReader::open(source);
  if (!opened) {
    const bool changed = opened.error().code == ErrorCode::kConflict;
    changed ? done(Submitted{"", "", false, true}) : done(fail(std::move(opened).error()));
    return 0;
  }
  const auto reader = std::make_shared<SourceReader>(*std::move(opened));
  HttpRequest request;
  request.method = "POST";
  request.url =
      std::format("{}/v1/photos?name={}&recipe={}&class={}&batch={}", url_, url_encoded(upload_name(source.path)),
                  url_encoded(terms.recipe), terms.job_class, terms.batch);
  request.headers = {"Content-Type: application/octet-stream", "Idempotency-Key: " + idempotency_key};
  if (source.bytes > 0) {
    request.upload = HttpUpload{source.bytes, [reader](std::span<std::uint8_t> into) { return reader->read(into); }};
  }
  return start(std::move(request), [reader, done = std::move(done)](const Result<HttpAnswer>& answer) mutable {
    Result<Json> body = json_of(answer);
    if (!body) return done(fail(std::move(body).error()));
    done(Submitted{text_at(*body, "photo_id"), text_at(*body, "job_id"), flag_at(*body, "existed"),
                   !reader->check_unchanged()});
  });
}

FarmRequests::Id FarmRequests::job(const std::string& job_id, Answered<JobNews> done) {
  HttpRequest request;
  request.url = url_ + "/v1/jobs/" + url_encoded(job_id);
  return start(std::move(request), [done = std::move(done)](const Result<HttpAnswer>& answer) mutable {
    Result<Json> body = json_of(answer);
    if (!body) return done(fail(std::move(body).error()));
    done(job_news_of(*body));
  });
}

FarmRequests::Id FarmRequests::photo(const std::string& photo_id, Answered<DoneFacts> done) {
  HttpRequest request;
  request.url = url_ + "/v1/photos/" + url_encoded(photo_id);
  return start(std::move(request), [done = std::move(done)](const Result<HttpAnswer>& answer) mutable {
    Result<Json> body = json_of(answer);
    if (!body) return done(fail(std::move(body).error()));
    done(done_facts_of(*body));
  });
}

FarmRequests::Id FarmRequests::variant(const std::string& photo_id, const VariantFacts& facts,
                                       const std::string& part_path, const std::string& path, Answered<void> done) {
  Result<PartFile> created = PartFile::create(part_path);
  if (!created) {
    done(fail(std::move(created).error()));
    return 0;
  }
  const auto part = std::make_shared<PartFile>(*std::move(created));
  HttpRequest request;
  request.url = std::format("{}/v1/photos/{}/variants/{}", url_, url_encoded(photo_id), url_encoded(facts.name));
  request.on_piece = [part](ByteView piece) { return part->write(piece); };
  return start(std::move(request), [part, path, bytes = facts.bytes, sha256 = facts.sha256,
                                    done = std::move(done)](Result<HttpAnswer> answer) mutable {
    if (!answer) return done(fail(std::move(answer).error()));
    if (answer->status != 200) return done(fail(error_of(*answer)));
    if (Status whole = part->check(bytes, sha256); !whole) return done(std::move(whole));
    done(part->move_to(path));
  });
}

FarmRequests::Id FarmRequests::remove(const std::string& photo_id, Answered<void> done) {
  HttpRequest request;
  request.method = "DELETE";
  request.url = url_ + "/v1/photos/" + url_encoded(photo_id);
  return start(std::move(request), [done = std::move(done)](Result<HttpAnswer> answer) mutable {
    if (!answer) return done(fail(std::move(answer).error()));
    if (answer->status >= 300 && answer->status != 404) return done(fail(error_of(*answer)));
    done({});
  });
}

FarmRequests::Id FarmRequests::slots(Answered<int> done) {
  HttpRequest request;
  request.url = url_ + "/v1/devices";
  return start(std::move(request), [done = std::move(done)](const Result<HttpAnswer>& answer) mutable {
    Result<Json> body = json_of(answer);
    if (!body) return done(fail(std::move(body).error()));
    std::uint64_t slots = 0;
    for (const Json& node : array_at(*body, "nodes")) {
      for (const Json& lane : array_at(node, "lanes")) slots += count_at(lane, "slots");
    }
    done(static_cast<int>(std::min<std::uint64_t>(slots, 100'000)));
  });
}

FarmRequests::Id FarmRequests::events(const std::string& batch, std::function<void()> alive,
                                      std::function<void(const ServerEvent&)> on_event, Answered<void> ended) {
  HttpRequest request;
  request.url = url_ + "/v1/events?batch=" + url_encoded(batch);
  request.headers = {"Accept: text/event-stream"};
  request.stall_timeout = std::chrono::seconds(0);  // a stream is silent for as long as nothing happens
  request.on_start = alive;
  request.on_piece = [stream = std::make_shared<EventStream>(), alive, on_event](ByteView piece) {
    alive();
    stream->feed(as_text(piece), on_event);
    return Status{};
  };
  return start(std::move(request), [ended = std::move(ended)](Result<HttpAnswer> answer) mutable {
    if (!answer) return ended(fail(std::move(answer).error()));
    if (answer->status != 200) return ended(fail(error_of(*answer)));
    ended({});
  });
}

}  // namespace tintype
