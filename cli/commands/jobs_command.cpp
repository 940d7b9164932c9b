#include "cli/commands/jobs_command.h"

#include <algorithm>
#include <cstdio>
#include <format>

#include "cli/commands/job_story.h"
#include "cli/exit_codes.h"
#include "cli/text/human.h"
#include "cli/text/utf8.h"

namespace tintype {
namespace {

constexpr const char* kName = "jobs";
constexpr int kPage = 1000;

std::string job_target(const std::string& job_id, std::string_view rest = "") {
  return std::format("/v1/jobs/{}{}", url_encoded(job_id), rest);
}

Result<Json> all_dead(FarmClient& farm) {
  Json dead = Json::array();
  std::uint64_t after = 0;
  for (;;) {
    TT_ASSIGN(const Json page, farm.get_json(std::format("/v1/dead?after={}&limit={}", after, kPage)));
    const Json& letters = array_at(page, "dead");
    if (letters.empty()) return dead;
    for (const Json& letter : letters) {
      after = std::max(after, count_at(letter, "sequence"));
      dead.push_back(letter);
    }
    if (letters.size() < kPage) return dead;
  }
}

Result<int> list_jobs(FarmClient& farm, const FarmOptions& options, const JobsListOptions& list) {
  Json jobs = Json::array();
  std::string cursor;
  for (int left = list.limit; left > 0;) {
    std::string target = std::format("/v1/jobs?limit={}", std::min(left, kPage));
    for (const auto& [key, value] :
         {std::pair{"state", &list.state}, std::pair{"class", &list.job_class}, std::pair{"batch", &list.batch},
          std::pair<const char*, const std::string*>{"cursor", &cursor}}) {
      if (!value->empty()) target += std::format("&{}={}", key, url_encoded(*value));
    }
    TT_ASSIGN(const Json page, farm.get_json(target));
    const Json& some = array_at(page, "jobs");
    for (const Json& job : some) jobs.push_back(job);
    left -= static_cast<int>(some.size());
    cursor = text_at(page, "next");
    if (cursor.empty() || some.empty()) break;
  }
  if (options.json) {
    print_json({{"jobs", jobs}, {"next", cursor}});
  } else if (jobs.empty()) {
    print("no jobs\n");
  } else {
    print(jobs_table(jobs));
    if (!cursor.empty()) print("There are more: --limit N shows them.\n");
  }
  return kExitOk;
}

Result<int> replay(FarmClient& farm, const FarmOptions& options, std::uint64_t sequence) {
  std::vector<std::uint64_t> sequences;
  if (sequence > 0) {
    sequences.push_back(sequence);
  } else {
    TT_ASSIGN(const Json dead, all_dead(farm));
    for (const Json& letter : dead) sequences.push_back(count_at(letter, "sequence"));
  }
  Json replayed = Json::array();
  int failed = 0;
  for (const std::uint64_t one : sequences) {
    const Result<Json> answer = farm.post_json(std::format("/v1/dead/{}/replay", one));
    if (!answer && sequence > 0) return fail(answer.error());
    if (!answer) {
      ++failed;
      std::fprintf(stderr, "dead letter %s: %s\n", std::to_string(one).c_str(),
                   printable(answer.error().message).c_str());
      continue;
    }
    replayed.push_back(*answer);
    if (!options.json) {
      print(std::format("job {} is enqueued again (generation {})\n", printable(text_at(*answer, "job_id")),
                        count_at(*answer, "generation")));
    }
  }
  if (options.json) print_json({{"replayed", replayed}, {"failed", failed}});
  if (!options.json && sequences.empty()) print("there are no dead letters\n");
  return failed > 0 ? kExitSomeFailed : kExitOk;
}

}  // namespace

int run_jobs_list(const FarmOptions& options, const JobsListOptions& list) {
  return with_farm(kName, options, [&](FarmClient& farm) { return list_jobs(farm, options, list); });
}

int run_jobs_show(const FarmOptions& options, const std::string& job_id) {
  return with_farm(kName, options, [&](FarmClient& farm) -> Result<int> {
    TT_ASSIGN(const Json job, farm.get_json(job_target(job_id)));
    options.json ? print_json(job) : print(job_text(job));
    return kExitOk;
  });
}

int run_jobs_explain(const FarmOptions& options, const std::string& job_id) {
  return with_farm(kName, options, [&](FarmClient& farm) -> Result<int> {
    TT_ASSIGN(const Json story, farm.get_json(job_target(job_id, "/explain")));
    options.json ? print_json(story) : print(job_story(story));
    return kExitOk;
  });
}

int run_jobs_cancel(const FarmOptions& options, const std::string& job_id) {
  return with_farm(kName, options, [&](FarmClient& farm) -> Result<int> {
    TT_TRY(farm.call("POST", job_target(job_id, "/cancel")));
    if (options.json) {
      print_json({{"job_id", job_id}, {"cancel_requested", true}});
    } else {
      print(std::format("job {} was asked to stop\n", printable(job_id)));
    }
    return kExitOk;
  });
}

int run_jobs_dead(const FarmOptions& options) {
  return with_farm(kName, options, [&](FarmClient& farm) -> Result<int> {
    TT_ASSIGN(const Json dead, all_dead(farm));
    if (options.json) {
      print_json({{"dead", dead}});
    } else if (dead.empty()) {
      print("there are no dead letters\n");
    } else {
      print(dead_table(dead));
      print("`tintype jobs replay SEQUENCE` enqueues one again, `tintype jobs replay --all` all of them.\n");
    }
    return kExitOk;
  });
}

int run_jobs_replay(const FarmOptions& options, std::uint64_t sequence) {
  return with_farm(kName, options, [&](FarmClient& farm) { return replay(farm, options, sequence); });
}

}  // namespace tintype
