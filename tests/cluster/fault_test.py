"""A fleet under a steady load of uploads, reads, lists, deletes and jobs, while everything in it dies, hangs, fills up or is
cut off, one after the other and in pairs: nothing acknowledged is lost, nothing deleted comes back, no list lacks a photo,
no byte is wrong, every job takes effect once.

    fault_test.py                       each single fault once, and 8 pairs (TINTYPE_SEED repeats the choice)
    fault_test.py --pairs all           every pair of process faults; takes an hour and a half
    fault_test.py --only "kill osd.1"   faults whose names contain that; may be repeated
    fault_test.py --json FILE           writes the table there, too

TINTYPE_FLEET=DIR: uses the fleet that deploy/cluster has brought up there.
"""

import argparse
import itertools
import json
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import faults  # noqa: E402
from fleet import Fleet  # noqa: E402
from ledger import Ledger  # noqa: E402
from load import OWNERS, RECIPE, Client, Gateways, Load, Stalls, verify  # noqa: E402
from picture import jpeg  # noqa: E402

SEED = int(os.environ.get("TINTYPE_SEED", str(random.randrange(1 << 20))))
RECOVERY_S = 90
SKIPPED = 77


class Run:
    def __init__(self, fleet):
        self.fleet, self.rows = fleet, []
        self.gateways = Gateways(fleet.urls())
        self.ledger = Ledger(jpeg())
        self.began = time.monotonic()
        got = self.gateways.ask("g1", "PUT", "/v1/recipes/tiny", "", RECIPE)
        assert got and got[0] in (200, 201), got

    def note(self, name, group, seconds, well_after, stalls):
        operations = sum(count for what, count in self.ledger.counts.items() if what in ("upload", "read", "list", "delete"))
        row = {"fault": name, "group": group, "seconds": round(seconds, 1), "well_after_s": well_after and round(well_after, 1),
               "operations": operations - sum(r["operations"] for r in self.rows), "violations": len(self.ledger.violations),
               "longest_stall_s": {kind: round(value, 1) for kind, value in sorted(stalls.items())}}
        self.rows.append(row)
        stall = "  ".join(f"{kind} {value:4.1f}" for kind, value in row["longest_stall_s"].items())
        print(f"{time.monotonic() - self.began:5.0f} s  {name:<38} well after {row['well_after_s']} s; stalls, s: {stall}", flush=True)

    def go_through(self, load, name, group, happening):
        """The faults of `happening` begin together, and each is taken back when its time is over."""
        load.stalls.take()
        began = time.monotonic()
        for fault in happening:
            fault.begin()
        for fault in sorted(happening, key=lambda fault: fault.lasts_s):
            time.sleep(max(0, fault.lasts_s - (time.monotonic() - began)))
            fault.end()
        well_after = self.fleet.wait_until_well(RECOVERY_S)
        if well_after is None:
            self.ledger.wrong("recovery", f"{name}: the fleet is not well {RECOVERY_S} s after it was over")
        time.sleep(0.5)
        self.note(name, group, time.monotonic() - began, well_after, load.stalls.take())

    def check_two_gone(self):
        """Below min_size: writes are refused in time, what is in memory is read, and service comes back by itself."""
        client = Client(self.gateways, self.ledger, Stalls(), SEED)
        known = next(upload for upload in reversed(self.ledger.living()) if client.read(upload, "g1"))
        fault = faults.two_replicas(self.fleet)
        fault.begin()
        # While it is young enough: gateway.cache_max_age_s.
        cached = self.gateways.ask("g1", "GET", f"/v1/photos/{known.photo}/original", known.owner)
        time.sleep(2)
        refused, slowest = 0, 0.0
        for _ in range(3):
            upload = self.ledger.begin(OWNERS[0])
            upload.tries += 1
            began = time.monotonic()
            got = self.gateways.ask("g1", "POST", f"/v1/photos?name={upload.name}&recipe=tiny", upload.owner, upload.bytes,
                                    {"Idempotency-Key": f'"{upload.key}"'})
            slowest = max(slowest, time.monotonic() - began)
            if got is None:
                self.ledger.wrong("answer", "two of three replicas gone: an upload got no answer at all")
            elif got[0] in (200, 201):
                self.ledger.wrong("answer", "two of three replicas gone: an upload was acknowledged, by one replica")
            elif got[0] != 503 or "Retry-After" not in got[1]:
                self.ledger.wrong("answer", f"two of three replicas gone: an upload got {got[0]} {got[2][:200]!r}")
            else:
                refused += 1
        if slowest > 25:
            self.ledger.wrong("answer", f"two of three replicas gone: a refusal took {slowest:.1f} s")
        is_read = cached is not None and cached[0] == 200
        if is_read:
            self.ledger.judge_original(known, "g1", cached[0], cached[2])
        fault.end()
        began = time.monotonic()
        back = None
        while back is None and time.monotonic() - began < RECOVERY_S:
            upload = self.ledger.begin(OWNERS[0])
            client.upload(upload)
            back = time.monotonic() - began if upload.photo else None
        if back is None:
            self.ledger.wrong("recovery", "the replicas are back, and uploads are not taken")
        self.fleet.wait_until_well(RECOVERY_S)
        print(f"two of three replicas gone: {refused} of 3 uploads refused with 503 and Retry-After, the slowest after {slowest:.1f} s; "
              f"a photo in memory was {'read' if is_read else 'NOT read'}; uploads again {back and round(back, 1)} s after they came back", flush=True)

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
    parser.add_argument("--json")
    options = parser.parse_args()
    if not all(map(shutil.which, ("ceph-osd", "nats-server", "nginx"))):
        print("Ceph, nats-server or nginx is not installed: skipped")
        return SKIPPED

    given = os.environ.get("TINTYPE_FLEET")
    folder = given or tempfile.mkdtemp(prefix="tintype-fleet-")
    fleet = Fleet(folder)
    try:
        if not given:
            fleet.up()
        run = Run(fleet)
        try:
            go(run, fleet, options)
        except Exception as error:  # what was found until then is told, too
            run.ledger.wrong("driver", f"{type(error).__name__}: {error}")
    finally:
        if not given:
            fleet.down()
    run.summary()
    for kind, text in run.ledger.violations[:20]:
        print(f"WRONG ({kind}): {text}")
    if options.json:
        Path(options.json).write_text(json.dumps({"seed": SEED, "rows": run.rows, "counts": run.ledger.counts,
                                                  "violations": run.ledger.violations}, indent=1))
    return 1 if run.ledger.violations else 0


def go(run, fleet, options):
    wanted = lambda name: not options.only or any(part in name for part in options.only)
    singles = faults.process_faults(fleet)
    whom = lambda fault: fault.name.split(" ", 1)[1]
    pairs = [pair for pair in itertools.combinations(singles, 2) if whom(pair[0]) != whom(pair[1])]
    if options.pairs != "all":
        pairs = random.Random(SEED).sample(pairs, int(options.pairs))
    with Load(run.gateways, run.ledger, seed=SEED) as load:
        for fault in singles + [faults.full_disk(fleet), faults.lost_queue(fleet), faults.everything(fleet)]:
            if wanted(fault.name):
                run.go_through(load, fault.name, fault.group, [fault])
        for one, other in pairs:
            name = f"{one.name} + {other.name}"
            if wanted(name) and (not options.only or wanted("+")):
                run.go_through(load, name, "pairs", [one, other])
        if wanted("link"):
            with faults.far_host(fleet) as host:
                run.gateways.urls["far"] = host.url
                for fault in (host.cut(), host.slow()):
                    run.go_through(load, fault.name, fault.group, [fault])
                del run.gateways.urls["far"]
    verify(run.gateways, run.ledger)
    if wanted("two of three"):
        run.check_two_gone()
        verify(run.gateways, run.ledger)


if __name__ == "__main__":
    sys.exit(main())
