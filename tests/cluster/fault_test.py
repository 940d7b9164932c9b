"""A fleet under a steady load of uploads, reads, lists, deletes and jobs, while everything in it dies, hangs, fills up or is
cut off, one after the other and in pairs: nothing acknowledged is lost, nothing deleted comes back, no list lacks a photo,
no byte is wrong, every job takes effect once.

    fault_test.py                          each single fault once, and 8 pairs (TINTYPE_SEED=N: other ones)
    fault_test.py --only "kill osd.1"      faults whose names contain that; may be repeated
    fault_test.py --json FILE              writes what was found there, too
    fault_test.py --pairs all --record F   every pair, hours, in rounds with a fleet each; F keeps what was found, a round a line, and
                                           when it is started again it goes on; --rounds N: so many of them now

Links are cut and slowed, and disks filled, where it may make namespaces: as root.
TINTYPE_FLEET=DIR: uses the fleet that deploy/cluster has brought up there.
"""

import argparse
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import faults  # noqa: E402
from fleet import Fleet  # noqa: E402
from ledger import Ledger  # noqa: E402
from load import OWNERS, RECIPE, Client, Gateways, Load, Stalls, verify  # noqa: E402
from picture import jpeg  # noqa: E402

SEED = int(os.environ.get("TINTYPE_SEED", "11"))
RECOVERY_S = 90
SKIPPED = 77
PAIRS_A_ROUND = 25


class Run:
    def __init__(self, fleet):
        self.fleet, self.rows = fleet, []
        self.gateways = Gateways(fleet.urls())
        self.ledger = Ledger(jpeg())
        self.began = time.monotonic()
        got = self.gateways.ask("g1", "PUT", "/v1/recipes/tiny", "", RECIPE)
        assert got and got[0] in (200, 201), got

    def note(self, name, group, seconds, well_after, stalls, remark):
        operations = sum(count for what, count in self.ledger.counts.items() if what in ("upload", "read", "list", "delete"))
        row = {"fault": name, "group": group, "seconds": round(seconds, 1), "well_after_s": well_after and round(well_after, 1),
               "operations": operations - sum(r["operations"] for r in self.rows), "violations": len(self.ledger.violations),
               "longest_stall_s": {kind: round(value, 1) for kind, value in sorted(stalls.items())}}
        self.rows.append(row)
        stall = "  ".join(f"{kind} {value:4.1f}" for kind, value in row["longest_stall_s"].items())
        print(f"{time.monotonic() - self.began:5.0f} s  {name:<38} well after {row['well_after_s']} s; stalls, s: {stall}  {remark}", flush=True)

    def go_through(self, load, name, group, happening):
        """The faults of `happening` begin together, and each is taken back when its time is over."""
        load.stalls.take()
        began = time.monotonic()
        with ThreadPoolExecutor(len(happening)) as threads:
            list(threads.map(lambda fault: fault.happen(), happening))
        well_after = self.fleet.wait_until_well(RECOVERY_S)
        if well_after is None:
            self.ledger.wrong("recovery", f"{name}: the fleet is not well {RECOVERY_S} s after it was over")
        time.sleep(0.5)
        self.note(name, group, time.monotonic() - began, well_after, load.stalls.take(),
                  " ".join(fault.remark for fault in happening))

    def check_two_gone(self):
        """Below min_size the store answers nobody: writes are refused in time, reads too, and service comes back by itself."""
        known = self.ledger.living()[-1]
        fault = faults.two_replicas(self.fleet)
        fault.begin()
        time.sleep(2)

        def ask(what, upload, *request):
            began = time.monotonic()
            got = self.gateways.ask("g1", *request)
            took = time.monotonic() - began
            if got is None:
                self.ledger.wrong("answer", f"two of three replicas gone: {what} got no answer at all")
            elif got[0] == 200 and what == "a read":
                self.ledger.judge_original(upload, "g1", got[0], got[2])
            elif got[0] in (200, 201):
                self.ledger.wrong("answer", f"two of three replicas gone: {what} was acknowledged, by one replica")
            elif got[0] != 503 or "Retry-After" not in got[1]:
                self.ledger.wrong("answer", f"two of three replicas gone: {what} got {got[0]} {got[2][:200]!r}")
            if took > 25:
                self.ledger.wrong("answer", f"two of three replicas gone: the answer to {what} took {took:.1f} s")
            return got[0] if got else 0, took

        def upload():
            some = self.ledger.begin(OWNERS[0])
            some.tries += 1
            return ask("an upload", some, "POST", f"/v1/photos?name={some.name}&recipe=tiny", some.owner, some.bytes,
                       {"Idempotency-Key": f'"{some.key}"'})

        def read():
            return ask("a read", known, "GET", f"/v1/photos/{known.photo}/original", known.owner)

        with ThreadPoolExecutor(6) as threads:
            answers = [future.result() for future in [threads.submit(call) for call in (upload, upload, upload, read, read, read)]]
        fault.end()
        began = time.monotonic()
        back = None
        client = Client(self.gateways, self.ledger, Stalls(), SEED)
        while back is None and time.monotonic() - began < RECOVERY_S:
            some = self.ledger.begin(OWNERS[0])
            client.upload(some)
            back = time.monotonic() - began if some.photo else None
        if back is None:
            self.ledger.wrong("recovery", "the replicas are back, and uploads are not taken")
        self.fleet.wait_until_well(RECOVERY_S)
        statuses = [status for status, _ in answers]
        print(f"two of three replicas gone: uploads were answered {statuses[:3]}, reads {statuses[3:]}, the slowest after "
              f"{max(took for _, took in answers):.1f} s; uploads again {back and round(back, 1)} s after the replicas came back", flush=True)

    def look_at_everything(self):
        began = time.monotonic()
        verify(self.gateways, self.ledger)
        print(f"{time.monotonic() - self.began:5.0f} s  every list through every gateway, {len(self.ledger.living())} photos and their jobs: "
              f"looked at in {time.monotonic() - began:.0f} s", flush=True)

    def summary(self):
        groups = {}
        for row in self.rows:
            group = groups.setdefault(row["group"], {"faults": 0, "well_after_s": 0, "stalls": {}})
            group["faults"] += 1
            group["well_after_s"] = max(group["well_after_s"], row["well_after_s"] or RECOVERY_S)
            for kind, value in row["longest_stall_s"].items():
                group["stalls"][kind] = max(group["stalls"].get(kind, 0), value)
        print(f"\n{'class':<24} faults  well after  longest stall, s: upload  read  list  delete")
        for name, group in groups.items():
            stalls = "".join(f"{group['stalls'].get(kind, 0):7.1f}" for kind in ("upload", "read", "list", "delete"))
            print(f"{name:<24} {group['faults']:>6}  {group['well_after_s']:>9.1f}                  {stalls}")
        deleted = sum(upload.deleted for upload in self.ledger.uploads)
        acknowledged = sum(bool(upload.photo) for upload in self.ledger.uploads)
        print(f"{len(self.rows)} faults, {sum(row['operations'] for row in self.rows)} operations under them, {acknowledged} uploads and "
              f"{deleted} deletes acknowledged, {self.ledger.counts.get('refused', 0)} refused, "
              f"{self.ledger.counts.get('without an answer', 0)} without an answer, {len(self.ledger.violations)} wrong; "
              f"seed {SEED}, {time.monotonic() - self.began:.0f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", default="8", help="how many, or all")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--exactly", action="append", default=[], help=argparse.SUPPRESS)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--rounds", type=int, default=1 << 20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not all(map(shutil.which, ("ceph-osd", "nats-server", "nginx"))):
        print("Ceph, nats-server or nginx is not installed: skipped")
        return SKIPPED
    if options.pairs == "all" and not options.exactly:
        return all_pairs(options)
    return one_fleet(options)


def one_fleet(options):
    given = os.environ.get("TINTYPE_FLEET")
    fleet = Fleet(given or tempfile.mkdtemp(prefix="tintype-fleet-"))
    try:
        if given:
            fleet.enter()
        else:
            fleet.up()
        run = Run(fleet)
        try:
            go(run, fleet, options)
        except Exception as error:  # what was found until then is told, too
            run.ledger.wrong("driver", f"{type(error).__name__}: {error}")
        if run.ledger.violations:
            kept = tempfile.mkdtemp(prefix="tintype-fleet-logs-")
            fleet.keep_logs(kept)
            print(f"the fleet's logs are kept in {kept}", flush=True)
    finally:
        if not given:
            fleet.down()
    run.summary()
    for kind, text in run.ledger.violations[:20]:
        print(f"WRONG ({kind}): {text}")
    result = {"seed": SEED, "seconds": round(time.monotonic() - run.began), "rows": run.rows, "counts": run.ledger.counts,
              "violations": run.ledger.violations}
    if options.json:
        options.json.write_text(json.dumps(result, indent=1))
    if options.record:
        with options.record.open("a") as record:
            record.write(json.dumps(result) + "\n")
    return 1 if run.ledger.violations else 0


def all_pairs(options):
    """In rounds, each with a fleet of its own; what the record has is not done again."""
    record = options.record or Path("pairs.jsonl")
    done = set()
    if record.exists():
        done = {row["fault"] for line in record.read_text().splitlines() for row in json.loads(line)["rows"]}
    names = [name_of(pair) for pair in pairs_of(singles_of(Fleet(tempfile.gettempdir()), every=True))]
    left = [name for name in names if name not in done]
    print(f"{len(names)} pairs, {len(left)} of them not in {record}", flush=True)
    failed = 0
    for i in range(0, min(len(left), options.rounds * PAIRS_A_ROUND), PAIRS_A_ROUND):
        chosen = [word for name in left[i:i + PAIRS_A_ROUND] for word in ("--exactly", name)]
        ended = subprocess.run([sys.executable, __file__, "--record", record, *chosen]).returncode
        failed += ended != 0
        print(f"{min(i + PAIRS_A_ROUND, len(left))} of {len(left)} done, {failed} rounds found something", flush=True)
    return 1 if failed else 0


def singles_of(fleet, every=False):
    # Disks first: an OSD that has run for a while finds room in what it wrote before.
    found = [faults.full_disk(fleet, name) for name in (("nats3", "osd.2") if every else fleet.small_disks)]
    return found + faults.process_faults(fleet) + (faults.links(fleet) if every or fleet.network else [])


def pairs_of(singles):
    whom = lambda fault: fault.name.split(" ", 1)[1]
    return [pair for pair in itertools.combinations(singles, 2) if whom(pair[0]) != whom(pair[1])]


def name_of(pair):
    return " + ".join(fault.name for fault in pair)


def go(run, fleet, options):
    singles = singles_of(fleet)
    pairs = pairs_of(singles)
    if options.exactly:
        happenings = [pair for pair in pairs if name_of(pair) in options.exactly]
    else:
        happenings = [(fault,) for fault in singles + [faults.full_ratio(fleet), faults.lost_queue(fleet), faults.everything(fleet)]]
        happenings += random.Random(SEED).sample(pairs, int(options.pairs))
    wanted = lambda name: not options.only or any(part in name for part in options.only)
    with Load(run.gateways, run.ledger, seed=SEED) as load:
        for happening in happenings:
            if wanted(name_of(happening)):
                run.go_through(load, name_of(happening), happening[0].group if len(happening) == 1 else "pairs", happening)
        if not fleet.network and wanted("link of far"):
            with faults.far_host(fleet) as host:
                run.gateways.urls["far"] = host.url
                for fault in (host.cut(), host.slow()):
                    run.go_through(load, fault.name, fault.group, [fault])
                del run.gateways.urls["far"]
    run.look_at_everything()
    if not options.exactly and wanted("two of three"):
        run.check_two_gone()
        run.look_at_everything()


if __name__ == "__main__":
    sys.exit(main())
