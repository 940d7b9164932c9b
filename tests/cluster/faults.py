"""What goes wrong: each fault begins, lasts a while, and is taken back. Names say what, such as "kill osd.1"."""

import shutil
import subprocess
import time
from contextlib import contextmanager

from fleet import TINTYPE, Fleet
from relay import Relay

HANG_S = {"osd": 7, "mon": 6, "nats": 5, "n": 3, "g": 3}  # long enough that the others have noticed
DEAD_S = {"osd": 3, "mon": 3, "nats": 3, "n": 1, "g": 1}


def kind_of(name):
    return "osd" if name.startswith("osd") else "mon" if name.startswith("mon") else "nats" if name.startswith("nats") else name[0]


class Fault:
    """begin(), after `lasts_s`, or once it has done what it is for, end(). What there is to tell of it afterwards: `remark`."""

    def __init__(self, name, group, lasts_s, begin, end, is_enough=lambda: False):
        self.name, self.group, self.lasts_s, self.begin, self.end, self.is_enough = name, group, lasts_s, begin, end, is_enough
        self.remark = ""

    def happen(self):
        self.begin()
        end = time.monotonic() + self.lasts_s
        while time.monotonic() < end and not self.is_enough():
            time.sleep(0.1)
        self.end()


def kill(fleet, name):
    return Fault(f"kill {name}", f"kill {kind_of(name)}", DEAD_S[kind_of(name)], lambda: fleet.kill(name), lambda: fleet.start(name))


def hang(fleet, name):
    return Fault(f"hang {name}", f"hang {kind_of(name)}", HANG_S[kind_of(name)], lambda: fleet.hang(name), lambda: fleet.wake(name))


def of_leader(fleet, what, verb):
    chosen = {}

    def begin():
        chosen["name"] = fleet.nats_leader()
        (fleet.kill if verb == "kill" else fleet.hang)(chosen["name"])

    def end():
        fleet.start(chosen["name"]) if verb == "kill" else fleet.wake(chosen["name"])

    return Fault(f"{verb} {what}", f"{verb} nats leader", (DEAD_S if verb == "kill" else HANG_S)["nats"], begin, end)


def full_ratio(fleet):
    """Every OSD is over its full ratio: writes are refused, reading and deleting go on."""
    ratios = ("nearfull", "backfillfull", "full")

    def begin():
        for ratio, value in zip(ratios, ("0.00001", "0.00002", "0.00003")):
            fleet.ceph("osd", f"set-{ratio}-ratio", value)

    def end():
        for ratio, value in zip(reversed(ratios), ("0.97", "0.96", "0.96")):
            fleet.ceph("osd", f"set-{ratio}-ratio", value)

    return Fault("full cluster", "full cluster", 6, begin, end)


def full_disk(fleet, name):
    """No byte more can be written where it keeps its data. A nats-server ends its JetStream, and is started again once there is room.
    An OSD dies of it or goes on, but what it wrote meanwhile is lost: its disk is replaced, as one that fails."""
    def begin():
        fleet.small_disks[name].fill()

    def has_had_enough():
        return not fleet.pid(name) or name in fleet.nats and fleet.nats_health(name, "healthz").get("status") != "ok"

    def end():
        ended = has_had_enough()
        fault.remark = "it ended" if ended else "it needed no more room" if name in fleet.nats else "it went on"
        fleet.small_disks[name].make_room()
        if name in fleet.osds:
            fault.remark += "; its disk was replaced"
            fleet.replace_disk(name)
        elif ended:
            fleet.kill(name)
            fleet.start(name)

    fault = Fault(f"fill {name}", "full disk", 20, begin, end, has_had_enough)
    return fault


def links(fleet):
    """Of whole hosts: one with a monitor, an OSD, a nats-server, a gateway and a node."""
    network, slowed = fleet.network, []

    def end_slow():
        slowed[-1].terminate()
        slowed.pop().wait(30)

    return [Fault("unplug host1", "host unplugged", 8, lambda: network.unplug("host1"), lambda: network.plug("host1")),
            Fault("part host2", "host parted from the others", 8, lambda: network.part("host2"), lambda: network.join("host2")),
            Fault("slow host3", "100 ms each way to a host", 8, lambda: slowed.append(network.slow("host3", 100)), end_slow)]


def everything(fleet):
    """As when the power of the whole room goes."""
    def begin():
        for name in fleet.all_names:
            fleet.kill(name)

    return Fault("restart of everything", "everything", 1, begin, lambda: fleet.start(*fleet.all_names))


def lost_queue(fleet):
    """The queue's whole state is thrown away: it is rebuilt from the store."""
    def begin():
        for name in fleet.nats:
            fleet.kill(name)
        for name in fleet.nats:
            shutil.rmtree(fleet.dir / name / "jetstream", ignore_errors=True)

    return Fault("queue thrown away", "queue thrown away", 1, begin, lambda: fleet.start(*fleet.nats))


def two_replicas(fleet):
    def begin():
        for name in fleet.osds[:2]:
            fleet.kill(name)

    return Fault("two of three replicas", "two of three replicas", 30, begin, lambda: fleet.start(*fleet.osds[:2]))


class FarHost:
    """Where there can be no hosts: a gateway and a node whose link to the queue is ours to cut and to slow."""

    def __init__(self, fleet):
        self.fleet, self.processes = fleet, {}
        toml = (fleet.dir / "fleet.toml").read_text()
        line = next(line for line in toml.splitlines() if line.startswith("urls"))
        self.relays = [Relay(int(port)) for port in (part.split('"')[0] for part in line.split("127.0.0.1:")[1:])]
        urls = ",".join(f"tls://127.0.0.1:{relay.port}" for relay in self.relays)
        for kind, name in (("gateway", "far"), ("node", "far")):
            folder = fleet.dir / f"{name}-{kind}"
            folder.mkdir(exist_ok=True)
            settings = [f"nats.urls={urls}", f"log.file={folder}/log", f"{kind}.name={name}"]
            if kind == "gateway":
                settings += [f"gateway.listen=127.0.0.1:0", f"gateway.state_dir={folder}"]
            command = [TINTYPE, kind, "--config", str(fleet.dir / "fleet.toml"), "--ready-file", str(folder / "ready")]
            for setting in settings:
                command += ["--set", setting]
            with open(folder / "out", "ab") as out:
                self.processes[folder] = subprocess.Popen(command, stdout=out, stderr=out)
        deadline = time.monotonic() + 60
        for folder in self.processes:
            while not (folder / "ready").exists():
                if time.monotonic() > deadline:
                    raise AssertionError(f"{folder} is not ready: " + (folder / "log").read_text()[-1000:])
                time.sleep(0.1)
        self.url = (fleet.dir / "far-gateway/ready").read_text().strip()

    def close(self):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        for relay in self.relays:
            relay.close()

    def cut(self):
        return Fault("cut link of far", "cut link", 12, lambda: [relay.cut() for relay in self.relays],
                     lambda: [relay.mend() for relay in self.relays])

    def slow(self):
        def delay(seconds):
            for relay in self.relays:
                relay.delay_s = seconds

        return Fault("slow link of far", "200 ms each way to the queue", 8, lambda: delay(0.2), lambda: delay(0))


@contextmanager
def far_host(fleet):
    host = FarHost(fleet)
    try:
        yield host
    finally:
        host.close()


def process_faults(fleet):
    names = (*Fleet.osds, *Fleet.monitors, *Fleet.nats, *Fleet.nodes, *Fleet.gateways)
    found = [make(fleet, name) for name in names for make in (kill, hang)]
    return found + [of_leader(fleet, "the leader", verb) for verb in ("kill", "hang")]
