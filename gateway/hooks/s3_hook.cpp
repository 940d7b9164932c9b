// POST /hooks/s3: what a bucket got, fetched.
#include <algorithm>
#include <format>

#include "gateway/api.h"
#include "gateway/hooks/hook_events.h"
#include "gateway/hooks/hook_orders.h"
#include "gateway/hooks/ingests.h"
#include "gateway/photos/receipt_json.h"
#include "gateway/photos/upload_headers.h"
#include "gateway/problem_json.h"
#include "gateway/small_body.h"

namespace tintype {
namespace {

// What becomes of one record: the ingest of that number, or why there is none.
struct Answered {
  S3Event event;
  std::optional<std::size_t> ingest;
  std::optional<Error> refused;  // none: nothing to fetch
};

// Trying again can only help where the world may change by itself.
bool may_pass(const Error& error) {
  return is_retryable(error.code) || error.code == ErrorCode::kStorageFull || error.code == ErrorCode::kIo;
}

Json record_json(const Answered& record, const IngestOutcomes& outcomes) {
  Json out = {{"bucket", record.event.bucket}, {"key", record.event.key}};
  const auto refuse = [&](const Error& error) {
    out["status"] = http_status(error.code);
    out["problem"] = to_json_value(Problem{error, {}, {}, {}});
  };
  if (record.refused) {
    refuse(*record.refused);
  } else if (!record.ingest) {
    out["status"] = 204;  // an event that makes no photo
  } else if (const auto& outcome = outcomes[*record.ingest]) {
    out["status"] = outcome->existed ? 200 : 201;
    out.update(to_json_value(*outcome));
  } else if (outcome.error().code == ErrorCode::kNotFound || outcome.error().code == ErrorCode::kConflict) {
    out["status"] = 204;  // deleted, or replaced, since: another event says so
  } else {
    refuse(outcome.error());
  }
  return out;
}

http::Response build_answer(const std::vector<Answered>& records, const IngestOutcomes& outcomes, Logger& log) {
  Json out = Json::array();
  const Error* passing = nullptr;
  for (const Answered& record : records) {
    out.push_back(record_json(record, outcomes));
    const Error* error = record.refused                               ? &*record.refused
                         : record.ingest && !outcomes[*record.ingest] ? &outcomes[*record.ingest].error()
                                                                      : nullptr;
    if (!error || error->code == ErrorCode::kNotFound || error->code == ErrorCode::kConflict) continue;
    log.warning("s3_event_not_taken",
                {{"bucket", record.event.bucket}, {"key", record.event.key}, {"error", error->to_string()}});
    if (may_pass(*error)) passing = error;
  }
  // The sender comes again with all of them; what was taken is found by its idempotency key.
  if (passing) return problem_response(Problem{*passing, 503, true, {}});
  return json_answer(200, {{"records", std::move(out)}});
}

const S3Source* source_of(const HooksConfig& config, const S3Event& event) {
  const auto found = std::ranges::find_if(config.s3, [&](const S3Source& source) {
    return source.bucket == event.bucket && event.key.starts_with(source.prefix);
  });
  return found == config.s3.end() ? nullptr : &*found;
}

http::Response take_events(Api& api, const std::string& trace_id, const std::string& body) {
  const auto events = parse_s3_events(body);
  if (!events) return problem_response(events.error());
  std::vector<Answered> records;
  std::vector<Ingest> ingests;
  for (const S3Event& event : *events) {
    Answered& record = records.emplace_back(Answered{event, {}, {}});
    if (!event.created) continue;
    const S3Source* source = source_of(api.ingests->config(), event);
    auto ingest =
        source ? order_of(api, *source, event, trace_id)
               : Result<Ingest>(fail(
                     ErrorCode::kDenied,
                     std::format("no bucket '{}' with such a key is named in the farm's hooks file", event.bucket)));
    if (!ingest) {
      record.refused = ingest.error();
      continue;
    }
    record.ingest = ingests.size();
    ingests.push_back(std::move(*ingest));
  }
  if (ingests.empty()) return build_answer(records, {}, api.services.log);
  auto answer =
      api.ingests->answer(std::move(ingests), [records, &log = api.services.log](const IngestOutcomes& outcomes) {
        return build_answer(records, outcomes, log);
      });
  return answer ? std::move(*answer) : problem_response(answer.error());
}

}  // namespace

Result<http::Begun> take_s3_events(const Call& call) {
  if (call.api.ingests->config().s3.empty())
    return fail(ErrorCode::kUnsupported, "this farm knows no buckets; name them in a hooks file (serve --hooks)");
  return collect_body(kMaxHookBytes, [&api = call.api, trace = trace_id_of(call.request.header("traceparent"))](
                                         const std::string& body) { return take_events(api, trace, body); });
}

}  // namespace tintype
