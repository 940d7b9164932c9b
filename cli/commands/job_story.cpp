#include "cli/commands/job_story.h"

#include <cmath>
#include <format>

#include "cli/text/human.h"
#include "cli/text/table.h"
#include "cli/text/utf8.h"

namespace tintype {
namespace {

// Lane times run from microseconds to minutes.
std::string span_text(double seconds) {
  if (seconds < 0.9995) return std::format("{:.0f} ms", seconds * 1000);
  if (seconds < 100) return std::format("{:.1f} s", seconds);
  return human_duration(seconds);
}

std::string when_text(const Json& object, std::string_view key) {
  std::string text = text_at(object, key);
  // "2026-11-22T08:09:21.123Z" without its T and thousandths.
  if (text.size() < 19) return text;
  text[10] = ' ';
  return text.substr(0, 19);
}

std::string failure_code(const Json& job) { return text_at(object_at(job, "failure"), "code"); }

std::string attempt_error(const Json& attempt) {
  const Json& error = object_at(attempt, "error");
  const std::string code = text_at(error, "code");
  return code.empty() ? text_at(attempt, "error") : std::format("{}: {}", code, text_at(error, "message"));
}

std::string candidates_table(const Json& decision) {
  Table table({{""}, {"Lane"}, {"Wait", Align::kRight}, {"Work", Align::kRight}, {"Total", Align::kRight}, {""}});
  for (const Json& candidate : array_at(decision, "candidates")) {
    const std::string lane = text_at(candidate, "lane");
    const std::string excluded = text_at(candidate, "excluded");
    const double wait = number_at(candidate, "predicted_wait_seconds");
    const double work = number_at(candidate, "predicted_work_seconds");
    const std::string mark = lane == text_at(decision, "chosen") ? "→" : "";
    if (excluded.empty()) {
      table.add_row({mark, lane, span_text(wait), span_text(work), span_text(wait + work), ""});
    } else {
      table.add_row({mark, lane, "", "", "", "out: " + excluded});
    }
  }
  return table.empty() ? "" : table.to_string(6);
}

std::string decision_text(const Json& decision) {
  std::string text = std::format("    {}\n", printable(text_at(decision, "task")));
  text += candidates_table(decision);
  const std::string chosen = text_at(decision, "chosen");
  const std::string reason = text_at(decision, "reason");
  text += std::format("      {}{}\n", chosen.empty() ? "No lane" : "Chosen: " + printable(chosen),
                      reason.empty() ? "" : ", " + printable(reason));
  const std::string outcome = text_at(decision, "outcome");
  if (!outcome.empty()) {
    text +=
        std::format("      Outcome: {} after {} of waiting and {} of work\n", printable(outcome),
                    span_text(number_at(decision, "waited_seconds")), span_text(number_at(decision, "worked_seconds")));
  }
  return text;
}

// "76", or "76.25" with the quarters that `made` says.
std::string quality_text(std::uint64_t quality, const Json& made) {
  return std::format("{:g}", static_cast<double>(quality) + 0.25 * static_cast<double>(count_at(made, "quarters")));
}

// How a variant came to the score that its recipe asks for.
std::string score_text(const Json& score) {
  const Json& contract = object_at(score, "contract");
  std::string text = std::format("    {}  {}, score {:.1f} at quality {}, {}: asked for {}, {}\n",
                                 printable(text_at(score, "name")), printable(text_at(score, "format")),
                                 number_at(contract, "score"), quality_text(count_at(score, "quality"), contract),
                                 human_bytes(count_at(score, "bytes")), printable(text_at(contract, "quality")),
                                 flag_at(contract, "met") ? "met" : "not met: " + printable(text_at(contract, "why")));
  std::string tried;
  for (const Json& probe : array_at(contract, "probes")) {
    tried += std::format("{}{}: {:.1f}", tried.empty() ? "" : ", ", quality_text(count_at(probe, "quality"), probe),
                         number_at(probe, "score"));
  }
  text += std::format("      {:.2f} encodes in {} of CPU, one alone {}; tried {}; by {}\n",
                      number_at(contract, "encodes"), span_text(number_at(contract, "seconds")),
                      span_text(number_at(contract, "encode_seconds")), tried, printable(text_at(score, "encoder")));
  if (const std::uint64_t rival = count_at(contract, "rival_bytes"); rival > 0) {
    text += std::format("      The other format took {}\n", human_bytes(rival));
  }
  return text;
}

}  // namespace

std::string jobs_table(const Json& jobs) {
  Table table({{"Job"},
               {"State"},
               {"Class"},
               {"Recipe"},
               {"Photo"},
               {"Tries", Align::kRight},
               {"In", Align::kRight},
               {"Out", Align::kRight},
               {"Enqueued"},
               {"Failure"}});
  for (const Json& job : jobs) {
    const std::uint64_t in = count_at(job, "bytes_in"), out = count_at(job, "bytes_out");
    const Json& attempts = job.is_object() && job.contains("attempts") ? job.at("attempts") : Json();
    const std::uint64_t tries = attempts.is_array() ? attempts.size() : count_at(job, "attempts");
    table.add_row({text_at(job, "id"), text_at(job, "state"), text_at(job, "class"), text_at(job, "recipe"),
                   text_at(job, "photo_id"), human_count(tries), in == 0 ? "" : human_bytes(in),
                   out == 0 ? "" : human_bytes(out), when_text(job, "enqueued_at"), failure_code(job)});
  }
  return table.to_string();
}

std::string dead_table(const Json& dead) {
  Table table({{"Sequence", Align::kRight},
               {"Job"},
               {"Class"},
               {"Deliveries", Align::kRight},
               {"Died"},
               {"Cause"},
               {"What happened"}});
  for (const Json& letter : dead) {
    const Json& job = object_at(letter, "job");
    const Json& reason = object_at(letter, "reason");
    std::string job_id = text_at(job, "id");
    if (job_id.empty()) job_id = text_at(letter, "job");
    table.add_row({std::to_string(count_at(letter, "sequence")), job_id, text_at(job, "class"),
                   human_count(count_at(letter, "deliveries")), when_text(letter, "died_at"), text_at(reason, "code"),
                   clipped(printable(text_at(reason, "message")), 90)});
  }
  return table.to_string();
}

std::string job_text(const Json& job) {
  Table table({{"Job"}, {text_at(job, "id")}});
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) table.add_row({name, value});
  };
  add("State", text_at(job, "state"));
  add("Class", text_at(job, "class"));
  add("Photo", text_at(job, "photo_id"));
  add("Recipe", text_at(job, "recipe"));
  add("Batch", text_at(job, "batch"));
  if (const std::uint64_t in = count_at(job, "bytes_in"); in > 0) add("In", human_bytes(in));
  if (const std::uint64_t out = count_at(job, "bytes_out"); out > 0) add("Out", human_bytes(out));
  add("Enqueued", when_text(job, "enqueued_at"));
  add("Updated", when_text(job, "updated_at"));
  add("Failure", failure_code(job));
  add("", text_at(object_at(job, "failure"), "message"));
  std::string text = table.to_string();
  for (const Json& attempt : array_at(job, "attempts")) {
    const std::string error = attempt_error(attempt);
    text += std::format("Attempt {}: {} to {}{}\n", count_at(attempt, "number"), when_text(attempt, "started_at"),
                        when_text(attempt, "ended_at"), error.empty() ? "" : ", " + printable(error));
  }
  return text;
}

std::string job_story(const Json& explanation) {
  std::string text = std::format("Job {}\n", printable(text_at(explanation, "job_id")));
  const Json& attempts = array_at(explanation, "attempts");
  if (attempts.empty()) text += "  No attempt yet: it waits in its queue.\n";
  for (const Json& attempt : attempts) {
    const std::string node = text_at(attempt, "node");
    text += std::format("\n  Attempt {}{}, from {}", count_at(attempt, "number"),
                        node.empty() ? "" : " on " + printable(node), when_text(attempt, "started_at"));
    const std::string ended = when_text(attempt, "ended_at");
    text += ended.empty() ? "\n" : std::format(" to {}\n", ended);
    for (const Json& decision : array_at(attempt, "decisions")) text += decision_text(decision);
    const std::string error = attempt_error(attempt);
    text += error.empty() ? (ended.empty() ? "    Under way.\n" : "    Succeeded.\n")
                          : std::format("    Failed: {}\n", printable(error));
  }
  const Json& scores = array_at(explanation, "scores");
  if (!scores.empty()) text += "\n  Scores\n";
  for (const Json& score : scores) text += score_text(score);
  return text;
}

}  // namespace tintype
