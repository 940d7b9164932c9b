// What --help says after the options.
#pragma once

namespace tintype {

inline constexpr const char kRootFooter[] = R"(
Start here:
  tintype compress ~/Pictures               every photo there, into ./out; out/index.html shows them
  tintype compress ~/Pictures --out ~/web   the same into another folder; run it again to go on where it stopped
  tintype serve                             a farm that stays, at http://127.0.0.1:8420
  tintype gateway, tintype node             the same on many machines (docs/cluster.md)
  tintype doctor                            what this machine lacks, if anything

Each command has its own help: tintype compress --help

Exit codes:
  0 all went well                  3 the farm cannot be reached, or failed
  1 some photos or checks failed   4 not enough free space
  2 the command makes no sense     130 interrupted (Ctrl-C)
)";

inline constexpr const char kCompressFooter[] = R"(
Photos are taken by what they are, not by their names: a folder is searched for files whose name or first bytes are a
picture's; hidden files, and folders with results of this command, are passed over. Sources are only ever read.

Results:  OUT/<folder>/<photo>/<variant>, such as out/Pictures/2019/beach.jpg/1024.webp, and OUT/index.html to look at
them before and after. OUT/.tintype keeps the journal: run the same command again, after Ctrl-C, a crash or when there are
new photos, and only what is missing is done. A source that changed is done again.

Ctrl-C lets what is under way end, for up to 10 s; Ctrl-C again ends at once.
A farm of its own is started again when it dies, up to 5 times in a row; one named with --farm is waited for, up to 2
minutes. Without --keep nothing stays in the farm.

Examples:
  tintype compress ~/Pictures
  tintype compress ~/Pictures ~/old/scans --out ~/web --recipe web-webp
  tintype compress photo.jpg --recipe ./my.toml     (tintype recipes show web > my.toml is a start)
  tintype compress ~/Pictures --farm http://127.0.0.1:8420 --keep
  tintype compress ~/Pictures --json | jq '.photos[] | select(.state == "failed") | .path'

Exit codes:
  0 every photo done     2 the command makes no sense   4 not enough free space
  1 some photos failed   3 the farm failed              130 interrupted; run again to go on
)";

inline constexpr const char kServeFooter[] = R"(
The farm answers at --listen until SIGTERM or Ctrl-C, then finishes what it holds. docs/api.md describes the API.
The data folder belongs to one farm at a time; everything else is a client of it.

Examples:
  tintype serve
  tintype serve --data /srv/tintype --listen 127.0.0.1:9000 --workers 8
  tintype serve --listen 127.0.0.1:0 --port-file /tmp/farm.url
  tintype serve --opencl 0,1 --fpga-xclbin u50.xclbin --placement devices-first
  tintype serve --listen 0.0.0.0:8443 --tls-cert chain.pem --tls-key key.pem      (tokens: tintype token create)

Exit codes: 0 ended as asked; 1 failed; 2 the options make no sense; 3 a service could not be reached.
)";

inline constexpr const char kGatewayFooter[] = R"(
Any number of gateways serve one fleet; a proxy spreads requests over them (deploy/fleet/nginx.conf). Resumable uploads
are kept by the gateway that began them: their ids begin with its name. docs/cluster.md tells the rest.

Examples:
  tintype gateway --config /etc/tintype/fleet.toml
  tintype gateway --config fleet.toml --set gateway.listen=127.0.0.1:8421 --set gateway.name=g2

Exit codes: 0 ended as asked; 1 failed; 2 the configuration makes no sense; 3 Ceph or NATS could not be reached.
)";

inline constexpr const char kNodeFooter[] = R"(
Nodes join and leave as they like: start one, and it takes jobs; SIGTERM, and it ends what it holds and takes no more; one
that dies leaves its jobs to others, after nats.ack_wait_s. docs/cluster.md tells the rest.

Examples:
  tintype node --config /etc/tintype/fleet.toml
  tintype node --config fleet.toml --set node.name=n2 --set node.workers=4

Exit codes: 0 ended as asked; 1 failed; 2 the configuration makes no sense; 3 Ceph or NATS could not be reached.
)";

inline constexpr const char kConfigFooter[] = R"(
Examples:
  tintype config example > fleet.toml
  tintype config check fleet.toml

Exit codes: 0 fine; 2 the file is no configuration.
)";

inline constexpr const char kJobsFooter[] = R"(
The farm is --farm URL, or what the environment says as TINTYPE_FARM, or http://127.0.0.1:8420. An access token, where
it demands one, is TINTYPE_TOKEN of the environment.

Examples:
  tintype jobs list --state failed
  tintype jobs explain 0g5x2k9m4t7w1
  tintype jobs dead
  tintype jobs replay --all

Exit codes: 0 done; 1 some dead letters could not be replayed; 2 no such job, or it has ended; 3 no farm answers.
)";

inline constexpr const char kTokenFooter[] = R"(
Run it where the farm's data is, as the user who runs the farm; a farm that serves sees every change at once. With a
fleet's --config it works on the fleet's store: a token made once works at every gateway, and within two seconds of being
revoked it works at none. Callers send
'Authorization: Bearer TOKEN'; `tintype jobs` and `compress --farm` take the token from the environment: TINTYPE_TOKEN.

Examples:
  tintype token create --owner alice --scope read,write --expires 30d
  tintype token create --owner '*' --scope read,write,admin --note "the app's back end" --requests-a-second 500
  tintype token list
  tintype token revoke 0g5x2k9m4t7w1

Exit codes: 0 done; 1 the access book cannot be read or written; 2 no such token, or the options make no sense.
)";

inline constexpr const char kBackupFooter[] = R"(
Run it on the farm's machine. Each backup is a folder of its own, DEST/<UTC time>, with everything in it; what has not
changed since the backup before is shared with it by hard links, so each costs only what is new, and any of them may be
deleted. A backup is as of one moment; uploads, reads and deletes go on while it is copied.

Examples:
  tintype backup /mnt/backups
  tintype restore /mnt/backups --data ./tintype-data

Exit codes: 0 done; 2 DEST holds another farm's backups; 3 no farm answers; 4 not enough free space.
)";

inline constexpr const char kRestoreFooter[] = R"(
Every file is checked against the digest that was written with the backup; a folder that already has a store is left
alone. Jobs that were waiting are enqueued again by the farm that is started on it.

Examples:
  tintype restore /mnt/backups                                           the newest
  tintype restore /mnt/backups/20261122T080921.123Z --data ./again

Exit codes: 0 done; 1 the backup is damaged; 2 there is none, or the folder has a store; 4 not enough free space.
)";

inline constexpr const char kStatusFooter[] = R"(
Any gateway of a fleet tells of all of it; a node that has not been heard of for 10 seconds is left out.

Examples:
  tintype status
  tintype status --watch
  tintype status --json | jq '.queue.classes[] | select(.oldest_seconds > 60)'

Exit codes: 0 all is well; 1 something is not; 3 no farm answers.
)";

inline constexpr const char kScrubFooter[] = R"(
The farm reads every original and variant and compares it with the digest it was stored with, and its lists with each other,
while it goes on serving. A wrong or missing variant is made again by a job; lists and counts that disagree are made again;
files that no photo names, older than any job, are removed. A wrong original is told of and left alone: restore it from a
backup. Ctrl-C leaves the scrub running; a scrub that was stopped, or whose farm died, goes on where it was.

Examples:
  tintype scrub
  tintype scrub --rate-mb 200 --detach
  tintype scrub --show --json | jq '.findings[] | select(.repaired | not)'

Exit codes: 0 the store is whole, or was mended; 1 something is left to you; 3 no farm answers, or the scrub failed.
)";

inline constexpr const char kMigrateFooter[] = R"(
It goes in rounds: each compares farm and fleet, copies what is missing or has changed, reads it back and checks its
digest, and deletes what the farm has deleted. It may be killed at any moment: run again, it does what is left. While a farm
serves, give its URL and copy as often as you like; at last stop it, copy what changed since from its folder, and start the
fleet. Nothing of the farm is changed. docs/migrate.md tells it step by step.

Examples:
  tintype migrate ./tintype-data --config fleet.toml --dry-run
  tintype migrate http://127.0.0.1:8420 --config fleet.toml         while it serves (its token: TINTYPE_TOKEN)
  tintype migrate ./tintype-data --config fleet.toml                the last round, once it is stopped

Exit codes: 0 the fleet has everything; 1 some photos could not be copied; 2 the command makes no sense; 3 farm or fleet
do not answer; 4 the fleet is full; 130 interrupted: run it again to go on.
)";

inline constexpr const char kRecipesFooter[] = R"(
A recipe is a ladder of rungs (long side, format, quality, effort) and what metadata is kept. A rung may ask for a score
instead of a quality, quality = "ssimulacra2:70": each file is then encoded until its own measured score is that, from 0.3
below to 1.5 above; format = "best" keeps the smaller of WebP and AVIF at that score, AVIF where it saves 10 % or more.

Examples:
  tintype recipes
  tintype recipes show web > mine.toml
  tintype recipes check mine.toml

Exit codes: 0 fine; 1 the file is no recipe; 2 there is no such recipe or file; 3 no farm answers.
)";

inline constexpr const char kDevicesFooter[] = R"(
Without a farm at the usual place, or with --verify, this machine's OpenCL devices and FPGA cards are looked at, each in a
process of its own that is ended when its driver hangs. A test computes made-up photos, hostile ones too, on the device and
on the CPU: every byte must be equal. Each step is told on stderr as it begins; programs built for a device are kept in
$XDG_CACHE_HOME/tintype/programs (~/.cache/tintype/programs). The place in the list is what `tintype serve --opencl` and
`--fpga` take: opencl-1 is 1.
`opencl-cpu` is a CPU in a GPU's clothes, `fpga-emu` an emulated card: used only when named, tested only by --verify.

Examples:
  tintype devices
  tintype devices --verify --fpga-xclbin /opt/tintype/u50.xclbin
  tintype serve --opencl 0

Exit codes: 0 done; 1 a device is wrong or cannot be tested (--verify); 3 the farm that was named does not answer.
)";

inline constexpr const char kCompareFooter[] = R"(
The score is that of Debian's `ssimulacra2`: 100 is the same picture, 90 looks the same also when the two flicker, 80 when
they are side by side, 70 has differences that are hard to notice, 50 is medium and 30 low quality; it has no lower end.
Both pictures may be JPEG, PNG, WebP, AVIF or GIF (first frame), must be of one size once upright, and at least 8 x 8 pixels.
They are decoded in sandboxed children, converted to sRGB, and compared here: no farm is needed. An original with
transparency is judged on a dark and on a bright background, and the lower score counts.

Examples:
  tintype compare photo.png photo.webp
  tintype compare --json photo.jpg photo.avif | jq .ssimulacra2

Exit codes: 0 compared; 1 a picture cannot be decoded; 2 no such file, or the sizes differ.
)";

inline constexpr const char kDoctorFooter[] = R"(
One line a check: ok, warn (works, but not at its best) or FAIL, and what to do about it.

Exit codes: 0 nothing fails; 1 something does.
)";

}  // namespace tintype
