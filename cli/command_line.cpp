#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <format>
#include <vector>

#include "cli/backup/backup_command.h"
#include "cli/command_help.h"
#include "cli/commands/compare_command.h"
#include "cli/commands/config_command.h"
#include "cli/commands/devices_command.h"
#include "cli/commands/doctor_command.h"
#include "cli/commands/jobs_command.h"
#include "cli/commands/recipes_command.h"
#include "cli/commands/scrub_command.h"
#include "cli/commands/status_command.h"
#include "cli/commands/token_command.h"
#include "cli/compress/compress_command.h"
#include "cli/exit_codes.h"
#include "cli/text/utf8.h"

namespace tintype {
namespace {

// Everything that options are parsed into, and the exit status of what was done.
struct Parsed {
  ServeOptions serve;
  FleetOptions fleet;
  CompressOptions compress;
  FarmOptions farm;
  JobsListOptions jobs;
  RecipesOptions recipes;
  DevicesOptions devices;
  DoctorOptions doctor;
  TokenOptions token;
  TokenCreateOptions token_create;
  CompareOptions compare;
  BackupOptions backup;
  MigrateOptions migrate;
  ScrubOptions scrub;
  bool watch = false;
  std::string word;
  std::uint64_t sequence = 0;
  bool all = false;
  int status = kExitOk;
};

// What may be said is in the option's text: not a second time beside its name.
CLI::Validator one_of(std::vector<std::string> words) { return CLI::IsMember(std::move(words)).description(""); }
CLI::Validator from_to(int low, int high) { return CLI::Range(low, high).description(""); }

CLI::App* add_command(CLI::App& parent, const char* name, const char* line, const char* footer = "") {
  CLI::App* command = parent.add_subcommand(name, line);
  command->footer(footer);
  return command;
}

void add_device_options(CLI::App* c, DeviceOptions& o) {
  c->add_option("--opencl", o.opencl, "auto: GPUs; none; all; or places in `tintype devices`, such as 0,2")
      ->type_name("WHICH")
      ->capture_default_str()
      ->group("Devices");
  c->add_option("--fpga-xclbin", o.fpga_xclbin, "Use FPGA cards, loaded with this [no card]")
      ->type_name("FILE")
      ->group("Devices");
  c->add_option("--fpga", o.fpga, "Which of them, as for --opencl; auto: not emulated ones")
      ->type_name("WHICH")
      ->capture_default_str()
      ->group("Devices");
  c->add_option("--check-devices", o.check_one_in,
                "Compare one in N of a device's results with the CPU's; one that differs ends its use; 0: none")
      ->type_name("N")
      ->check(from_to(0, 1'000'000))
      ->capture_default_str()
      ->group("Devices");
  c->add_option("--placement", o.placement,
                "fastest: a photo goes where it costs less; devices-first: what a device can do waits for one")
      ->type_name("HOW")
      ->check(one_of({"fastest", "devices-first"}))
      ->capture_default_str()
      ->group("Devices");
}

void add_serve(CLI::App& app, Parsed& p, const Programs& programs) {
  CLI::App* c =
      add_command(app, "serve", "Run a farm here: HTTP API, scheduler, workers, store and queue", kServeFooter);
  ServeOptions& o = p.serve;
  c->add_option("--data", o.data_dir, "Everything the farm keeps")
      ->type_name("DIR")
      ->capture_default_str()
      ->group("Storage");
  c->add_option("--recipes", o.recipe_dir, "Recipes of your own, NAME.toml each [DATA/recipes]")
      ->type_name("DIR")
      ->group("Storage");
  c->add_option("--max-upload-mb", o.max_upload_mb, "Larger photos are refused")
      ->type_name("N")
      ->check(from_to(1, 1 << 20))
      ->capture_default_str()
      ->group("Storage");
  c->add_option("--min-free-mb", o.min_free_mb,
                "Below it uploads are refused (507) until a quarter more is free; reading and deleting go on")
      ->type_name("N")
      ->check(from_to(16, 1 << 30))
      ->capture_default_str()
      ->group("Storage");
  c->add_option("--max-staged-mb", o.max_staged_mb, "Resumable uploads under way come to no more, all together")
      ->type_name("N")
      ->check(from_to(1, 1 << 30))
      ->capture_default_str()
      ->group("Storage");
  c->add_option("--listen", o.listen, "Where requests are answered; port 0: one that is free")
      ->type_name("ADDR:PORT")
      ->capture_default_str()
      ->group("Network");
  c->add_flag("--trust-network", o.trust_network,
              "On an address other than loopback, demand no access tokens: whoever reaches it may do anything")
      ->group("Network");
  c->add_flag("--require-tokens", o.require_tokens,
              "Demand access tokens on loopback, too; elsewhere they are demanded anyway")
      ->group("Network");
  c->add_option("--tls-cert", o.tls_cert_file, "Speak HTTPS with this certificate chain (PEM); SIGHUP reads it again")
      ->type_name("FILE")
      ->group("Network");
  c->add_option("--tls-key", o.tls_key_file, "Its private key (PEM)")->type_name("FILE")->group("Network");
  c->add_option("--nats", o.nats_url, "Use this NATS server [one of the farm's own, as its child]")
      ->type_name("URL")
      ->group("Network");
  c->add_option("--hooks", o.hooks_file, "Buckets, tusd and URLs that photos are fetched from (docs/hooks.md)")
      ->type_name("FILE")
      ->group("Network");
  c->add_option("--port-file", o.port_file, "Write the farm's URL there once it answers")
      ->type_name("FILE")
      ->group("Network");
  c->add_option("--workers", o.workers, "Photos worked on at once; 0: one a core")
      ->type_name("N")
      ->check(from_to(0, 1024))
      ->capture_default_str()
      ->group("Work");
  c->add_option("--memory-mb", o.memory_mb, "For all workers together; 0: half of what there is")
      ->type_name("N")
      ->capture_default_str()
      ->group("Work");
  c->add_option("--task-timeout-s", o.task_timeout_s,
                "A piece of work that takes longer is given up; on a device, a quarter of it")
      ->type_name("N")
      ->check(from_to(1, 86400))
      ->capture_default_str()
      ->group("Work");
  c->add_flag_callback(
       "--no-yield", [&o] { o.yield = false; },
       "Give bulk jobs all slots, whatever the machine's pressure on its neighbours")
      ->group("Work");
  c->add_option("--drain-s", o.drain_s,
                "On SIGTERM photos under way may end for so long; then they go back to the queue")
      ->type_name("N")
      ->check(from_to(0, 3600))
      ->capture_default_str()
      ->group("Work");
  add_device_options(c, o.devices);
  c->add_option("--log-level", o.log_level, "debug, info, warning, error or off")
      ->check(one_of({"debug", "info", "warning", "error", "off"}))
      ->type_name("LEVEL")
      ->capture_default_str()
      ->group("Log");
  c->add_option("--log-file", o.log_file, "[stderr]")->type_name("FILE")->group("Log");
  c->add_option("--log-format", o.log_format, "text or json, one line an event")
      ->check(one_of({"text", "json"}))
      ->type_name("FORMAT")
      ->capture_default_str()
      ->group("Log");
  c->add_option("--log-max-mb", o.log_max_mb, "A larger log file becomes FILE.1, that FILE.2, and so on; 0: never")
      ->type_name("N")
      ->check(from_to(0, 1 << 20))
      ->capture_default_str()
      ->group("Log");
  c->add_option("--log-keep", o.log_keep, "So many older log files are kept")
      ->type_name("N")
      ->check(from_to(1, 1000))
      ->capture_default_str()
      ->group("Log");
  c->callback([&p, &programs] { p.status = programs.serve(p.serve); });
}

void add_fleet(CLI::App& app, Parsed& p, const Programs& programs) {
  const auto add = [&](const char* name, const char* line, const char* footer, const char* ready_help) {
    CLI::App* c = add_command(app, name, line, footer);
    c->add_option("--config", p.fleet.config_file, "The fleet's configuration; `tintype config example` writes one")
        ->type_name("FILE")
        ->capture_default_str();
    c->add_option("--set", p.fleet.assignments, "A setting of this process alone, after the file's; may be repeated")
        ->type_name("TABLE.KEY=VALUE")
        ->allow_extra_args(false);
    c->add_option("--ready-file", p.fleet.ready_file, ready_help)->type_name("FILE");
    return c;
  };
  add("gateway", "Serve a fleet's HTTP API here: store on Ceph, queue on NATS", kGatewayFooter,
      "Write the gateway's URL there once it answers")
      ->callback([&p, &programs] { p.status = programs.gateway(p.fleet); });
  add("node", "Work for a fleet here: takes jobs as its lanes have room", kNodeFooter,
      "Write the node's name there once it takes jobs")
      ->callback([&p, &programs] { p.status = programs.node(p.fleet); });

  CLI::App* config = add_command(app, "config", "The configuration file of a fleet", kConfigFooter);
  config->require_subcommand(1);
  CLI::App* check = add_command(*config, "check", "Whether a file is one, and what is wrong with it");
  check->add_option("FILE", p.fleet.config_file, "A configuration")->required()->type_name("");
  check->callback([&p] { p.status = run_config_check(p.fleet.config_file); });
  add_command(*config, "example", "All settings with their defaults and what they mean, as a file to start with")
      ->callback([&p] { p.status = run_config_example(); });
}

void add_compress(CLI::App& app, Parsed& p, const Programs& programs) {
  CLI::App* c = add_command(app, "compress", "Turn photos into ladders of WebP and AVIF", kCompressFooter);
  CompressOptions& o = p.compress;
  o.serve_program = programs.self;
  c->add_option("PATH", o.paths, "Photos, and folders that are searched for them")->required()->type_name("");
  c->add_option("--out", o.out_dir, "Where results go; index.html there shows them")
      ->type_name("DIR")
      ->capture_default_str()
      ->group("Results");
  c->add_option("--recipe", o.recipe, "Which variants: a recipe's name, or a TOML file")
      ->type_name("NAME|FILE")
      ->capture_default_str()
      ->group("Results");
  c->add_flag("--retry-failed", o.retry_failed, "Try photos again that failed by their own fault, too")
      ->group("Results");
  c->add_option("--farm", o.farm, "Use this farm [one for the occasion, in OUT/.tintype]")
      ->type_name("URL")
      ->group("Farm");
  c->add_flag("--keep", o.keep, "Leave the photos in the farm")->group("Farm");
  c->add_option("--class", o.job_class, "interactive, upload or bulk: what others in the farm may overtake")
      ->check(one_of({"interactive", "upload", "bulk"}))
      ->type_name("CLASS")
      ->capture_default_str()
      ->group("Farm");
  c->add_option("--jobs-in-flight", o.jobs_in_flight, "Photos in the farm at once; 0: twice its slots and two more")
      ->type_name("N")
      ->check(from_to(0, 10000))
      ->capture_default_str()
      ->group("Farm");
  add_device_options(c, o.devices);
  c->add_flag("--json", o.json, "The summary as JSON on stdout, photo by photo")->group("Output");
  c->callback([&p] { p.status = run_compress(p.compress); });
}

void add_farm_options(CLI::App* command, FarmOptions& o) {
  command->add_option("--farm", o.farm, "The farm to ask")
      ->type_name("URL")
      ->envname("TINTYPE_FARM")
      ->capture_default_str();
  command->add_flag("--json", o.json, "JSON instead of text");
}

void add_jobs(CLI::App& app, Parsed& p) {
  CLI::App* jobs = add_command(app, "jobs", "What a farm does, has done and could not do", kJobsFooter);
  jobs->require_subcommand(1);
  const auto add = [&](const char* name, const char* line, std::function<int()> run) {
    CLI::App* c = add_command(*jobs, name, line);
    add_farm_options(c, p.farm);
    c->callback([&p, run = std::move(run)] { p.status = run(); });
    return c;
  };
  const auto add_with_job = [&](const char* name, const char* line, std::function<int()> run) {
    add(name, line, std::move(run))->add_option("ID", p.word, "A job")->required();
  };
  CLI::App* list = add("list", "Newest first", [&p] { return run_jobs_list(p.farm, p.jobs); });
  list->add_option("--state", p.jobs.state, "queued, running, done, failed or cancelled")
      ->check(one_of({"queued", "running", "done", "failed", "cancelled"}))
      ->type_name("STATE");
  list->add_option("--class", p.jobs.job_class, "interactive, upload or bulk")
      ->check(one_of({"interactive", "upload", "bulk"}))
      ->type_name("CLASS");
  list->add_option("--batch", p.jobs.batch, "Jobs that were submitted under this name")->type_name("NAME");
  list->add_option("--limit", p.jobs.limit, "At most so many")
      ->check(from_to(1, 1'000'000))
      ->type_name("N")
      ->capture_default_str();
  add_with_job("show", "One job: its state, tries and failure", [&p] { return run_jobs_show(p.farm, p.word); });
  add_with_job("explain", "Why its work went where it went: lanes, predictions, choice, outcome",
               [&p] { return run_jobs_explain(p.farm, p.word); });
  add_with_job("cancel", "Ask it to stop", [&p] { return run_jobs_cancel(p.farm, p.word); });
  add("dead", "Jobs that were given up, with cause", [&p] { return run_jobs_dead(p.farm); });
  CLI::App* replay = add("replay", "Enqueue dead letters again", [&p] {
    return p.all == (p.sequence > 0)
               ? report_error("jobs",
                              {ErrorCode::kInvalidArgument,
                               "name one dead letter by its SEQUENCE (`tintype jobs dead` lists them), or give --all"})
               : run_jobs_replay(p.farm, p.all ? 0 : p.sequence);
  });
  replay->add_option("SEQUENCE", p.sequence, "A dead letter, as `jobs dead` lists it")->check(CLI::PositiveNumber);
  replay->add_flag("--all", p.all, "All of them");
}

void add_recipes(CLI::App& app, Parsed& p) {
  CLI::App* recipes = add_command(app, "recipes", "Recipes that are built in or that a farm has; whether a file is one",
                                  kRecipesFooter);
  const auto add_options = [&p](CLI::App* c) { c->add_flag("--json", p.recipes.json, "JSON instead of text"); };
  const auto add_farm = [&p](CLI::App* c) {
    c->add_option("--farm", p.recipes.farm, "Ask this farm [what is built in]")->type_name("URL");
  };
  add_options(recipes);
  add_farm(recipes);
  CLI::App* list = add_command(*recipes, "list", "All of them");
  CLI::App* show = add_command(*recipes, "show", "One, as TOML: a start for your own");
  show->add_option("NAME", p.word, "A recipe's name, or a TOML file")->required();
  CLI::App* check = add_command(*recipes, "check", "Whether a file is a recipe, and what it makes");
  check->add_option("FILE", p.word, "A TOML file")->required();
  for (CLI::App* c : {list, show, check}) add_options(c);
  for (CLI::App* c : {list, show}) add_farm(c);
  show->callback([&p] { p.status = run_recipes_show(p.recipes, p.word); });
  check->callback([&p] { p.status = run_recipes_check(p.recipes, p.word); });
  recipes->callback([&p, show, check] {
    if (!show->parsed() && !check->parsed()) p.status = run_recipes_list(p.recipes);
  });
}

void add_token(CLI::App& app, Parsed& p, const Programs& programs) {
  p.token.open_access = programs.open_access;
  CLI::App* token = add_command(app, "token", "Access tokens of a farm, and the keys that sign them", kTokenFooter);
  token->require_subcommand(1);
  const auto add = [&](const char* name, const char* line, std::function<int()> run) {
    CLI::App* c = add_command(*token, name, line);
    c->add_option("--data", p.token.data_dir, "The farm's data folder")->type_name("DIR")->capture_default_str();
    c->add_option("--config", p.token.config_file, "A fleet's configuration: its access book, shared by all gateways")
        ->type_name("FILE");
    c->callback([&p, run = std::move(run)] { p.status = run(); });
    return c;
  };
  TokenCreateOptions& o = p.token_create;
  CLI::App* create =
      add("create", "Make one; it is printed this once", [&p] { return run_token_create(p.token, p.token_create); });
  create->add_option("--owner", o.owner, "Whose photos; '*': of any owner, whom Tintype-Owner names")
      ->required()
      ->type_name("NAME");
  create->add_option("--scope", o.scopes, "read, write, admin, joined by commas")
      ->type_name("SCOPES")
      ->capture_default_str();
  create->add_option("--expires", o.expires, "How long it is good: 30d, 12h, 90m")
      ->type_name("TIME")
      ->capture_default_str();
  create->add_option("--note", o.note, "For whoever lists them")->type_name("TEXT");
  create->add_option("--requests-a-second", o.requests_a_second, "[no limit]")
      ->check(CLI::Range(0.0, 1e6).description(""))
      ->type_name("N");
  create->add_option("--mb-a-day", o.mb_a_day, "Up and down together [no limit]")
      ->check(from_to(0, 1'000'000'000))
      ->type_name("N");
  create->add_option("--jobs-in-flight", o.jobs_in_flight, "[no limit]")->check(from_to(0, 1'000'000))->type_name("N");
  create->add_flag("--json", p.token.json, "JSON instead of text");
  add("list", "All of them, without their text; and the keys", [&p] {
    return run_token_list(p.token);
  })->add_flag("--json", p.token.json, "JSON instead of text");
  add("revoke", "From its next request on it is refused", [&p] { return run_token_revoke(p.token, p.word); })
      ->add_option("ID", p.word, "A token, as `token list` shows it")
      ->required();
  add("rotate-keys", "A new key signs tokens and URLs; older ones still verify",
      [&p] { return run_token_rotate_keys(p.token); });
  add("drop-key", "What it signed, tokens and URLs, is refused", [&p] { return run_token_drop_key(p.token, p.word); })
      ->add_option("KEY", p.word, "A key, as `token list` shows it")
      ->required();
}

void add_others(CLI::App& app, Parsed& p) {
  CLI::App* devices = add_command(
      app, "devices", "What photos are computed with: a farm's lanes, or this machine's devices", kDevicesFooter);
  add_farm_options(devices, p.devices.farm);
  devices->add_flag("--verify", p.devices.verify, "Test this machine's devices against the CPU, check by check");
  devices->add_option("--fpga-xclbin", p.devices.devices.fpga_xclbin, "What FPGA cards are loaded with to be tested")
      ->type_name("FILE");
  devices->callback([&p, devices] {
    p.devices.is_farm_named = devices->get_option("--farm")->count() > 0;
    p.status = run_devices(p.devices);
  });

  CLI::App* compare =
      add_command(app, "compare", "How alike two pictures look: their SSIMULACRA2 score", kCompareFooter);
  compare->add_option("ORIGINAL", p.compare.original, "A picture")->required()->type_name("");
  compare->add_option("CANDIDATE", p.compare.candidate, "The same picture, coded otherwise")->required()->type_name("");
  compare->add_flag("--json", p.compare.json, "JSON instead of text");
  compare->callback([&p] { p.status = run_compare(p.compare); });
  CLI::App* doctor = add_command(app, "doctor", "Whether this machine and a farm have what they need", kDoctorFooter);
  doctor->add_option("--farm", p.doctor.farm, "Look at this farm, too")->type_name("URL");
  doctor->add_option("--data", p.doctor.data_dir, "Whose free space counts")->type_name("DIR")->capture_default_str();
  doctor->add_option("--fpga-xclbin", p.doctor.fpga_xclbin, "Test FPGA cards with it, too")->type_name("FILE");
  doctor->add_flag("--json", p.doctor.json, "JSON instead of text");
  doctor->callback([&p] { p.status = run_doctor(p.doctor); });
}

void add_backups(CLI::App& app, Parsed& p) {
  CLI::App* backup =
      add_command(app, "backup", "Copy a farm's photos and all it knows of them, while it runs", kBackupFooter);
  backup->add_option("DEST", p.backup.place, "A folder of backups, made if it is missing")->required()->type_name("");
  add_farm_options(backup, p.farm);
  backup->callback([&p] { p.status = run_backup(p.farm, p.backup); });

  CLI::App* restore = add_command(app, "restore", "Make a farm's data folder from a backup", kRestoreFooter);
  restore->add_option("SRC", p.backup.place, "A backup, or a folder of them: then the newest")
      ->required()
      ->type_name("");
  restore->add_option("--data", p.backup.data_dir, "The data folder to make; it must have no store")
      ->type_name("DIR")
      ->capture_default_str();
  restore->callback([&p] { p.status = run_restore(p.backup); });
}

void add_status(CLI::App& app, Parsed& p) {
  CLI::App* status =
      add_command(app, "status", "A farm or a fleet at a glance: store, queue, nodes, last scrub", kStatusFooter);
  add_farm_options(status, p.farm);
  status->add_flag("--watch", p.watch, "Again every 2 seconds, until Ctrl-C");
  status->callback([&p] { p.status = run_status(p.farm, p.watch ? 2 : 0); });

  CLI::App* scrub =
      add_command(app, "scrub", "Read everything that a farm keeps back, and mend what can be", kScrubFooter);
  add_farm_options(scrub, p.farm);
  scrub->add_option("--rate-mb", p.scrub.rate_mb, "Read so many megabytes a second; 0: as fast as it goes")
      ->type_name("N")
      ->check(from_to(0, 1'000'000))
      ->capture_default_str();
  scrub->add_flag_callback("--no-repair", [&p] { p.scrub.repair = false; }, "Only tell what is wrong");
  scrub->add_flag("--afresh", p.scrub.afresh, "From the beginning, where one was stopped before its end");
  scrub->add_flag("--detach", p.scrub.detach, "Start it, and do not wait");
  CLI::Option* show = scrub->add_flag("--show", p.scrub.show, "Tell of the last one, or the one under way");
  scrub->add_flag("--stop", p.scrub.stop, "Stop the one under way")->excludes(show);
  scrub->callback([&p] { p.status = run_scrub(p.farm, p.scrub); });
}

void add_migrate(CLI::App& app, Parsed& p, const Programs& programs) {
  CLI::App* c = add_command(app, "migrate", "Copy a farm's photos and all it knows of them to a fleet", kMigrateFooter);
  MigrateOptions& o = p.migrate;
  c->add_option("SOURCE", o.source, "A data folder that no farm serves, or the URL of one that does")
      ->required()
      ->type_name("");
  c->add_option("--config", o.config_file, "The fleet's configuration")->required()->type_name("FILE");
  c->add_flag("--dry-run", o.dry_run, "Compare, and tell what would be done");
  c->add_flag("--follow", o.follow, "Go on copying what a farm that serves does, until Ctrl-C");
  c->add_option("--photos-at-once", o.photos_at_once, "Copied side by side")
      ->type_name("N")
      ->check(from_to(1, 256))
      ->capture_default_str();
  c->add_flag("--json", o.json, "The end's table as JSON");
  c->callback([&p, &programs] { p.status = programs.migrate(p.migrate); });
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row[b.size()];
}

// Before parsing: CLI11 would complain of the first option that a command it does not know has.
std::string unknown_command(const CLI::App& app, std::string_view word, const std::string& path) {
  std::string nearest;
  std::size_t best = 4;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() == word) return "";
    if (const std::size_t distance = edit_distance(word, command->get_name()); distance < best) {
      best = distance;
      nearest = command->get_name();
    }
  }
  return std::format("there is no command `{} {}`{} (`{} --help` lists them)", path, printable(word),
                     nearest.empty() ? "" : std::format(": did you mean `{} {}`?", path, nearest), path);
}

std::string misnamed_command(const CLI::App& app, int argc, char** argv) {
  const auto is_word = [](const char* arg) { return arg[0] != '-' && arg[0] != '\0'; };
  if (argc < 2 || !is_word(argv[1])) return "";
  if (std::string wrong = unknown_command(app, argv[1], "tintype"); !wrong.empty()) return wrong;
  const CLI::App* command = app.get_subcommand(argv[1]);
  if (argc < 3 || !is_word(argv[2]) || command->get_subcommands({}).empty()) return "";
  return unknown_command(*command, argv[2], "tintype " + command->get_name());
}

}  // namespace

int run_command_line(int argc, char** argv, const Programs& programs) {
  CLI::App app("Tintype, a photo compression farm: photos in, ladders of WebP and AVIF out.", "tintype");
  Parsed parsed;
  app.set_version_flag("--version", "tintype " TINTYPE_VERSION);
  app.require_subcommand(1);
  app.option_defaults()->always_capture_default(false);
  app.get_formatter()->column_width(34);
  app.footer(kRootFooter);
  add_compress(app, parsed, programs);
  add_serve(app, parsed, programs);
  add_fleet(app, parsed, programs);
  add_jobs(app, parsed);
  add_token(app, parsed, programs);
  add_others(app, parsed);
  add_recipes(app, parsed);
  add_backups(app, parsed);
  add_status(app, parsed);
  add_migrate(app, parsed, programs);

  if (argc < 2) {
    std::fputs(app.help().c_str(), stderr);
    return kExitUsage;
  }
  if (const std::string wrong = misnamed_command(app, argc, argv); !wrong.empty()) {
    std::fprintf(stderr, "tintype: %s\n", wrong.c_str());
    return kExitUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return app.exit(done);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "tintype: %s (--help tells the usage)\n", printable(error.what()).c_str());
    return kExitUsage;
  }
  return parsed.status;
}

}  // namespace tintype
