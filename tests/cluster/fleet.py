"""A whole fleet of this test's own: deploy/cluster brings it up; its processes are ended, hung and started again by name."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from network import Network, can_have_hosts
from small_disk import SmallDisk, have_own_mounts

TINTYPE = os.environ["TINTYPE_PROGRAM"]
KEPT_OF_A_LOG = 32 << 20
CHECKOUT = Path(__file__).resolve().parents[2]


def ask(url, patience_s=10):
    """The JSON there; None when nobody answers, or something else."""
    try:
        with urllib.request.urlopen(url, timeout=patience_s) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        try:
            return json.load(error)
        except ValueError:
            return None
    except (OSError, ValueError):
        return None


class Fleet:
    osds = ("osd.0", "osd.1", "osd.2")
    monitors = ("mon.a", "mon.b", "mon.c")
    nats = ("nats1", "nats2", "nats3")
    nodes = ("n1", "n2", "n3")
    gateways = ("g1", "g2")

    def __init__(self, folder):
        self.dir = Path(folder)
        self.known_urls = {}
        self.network = None  # where all of it is on loopback
        self.small_disks = {}  # by the name of the process whose folder is on one

    def script(self, verb, *arguments):
        done = subprocess.run([CHECKOUT / "deploy/cluster", verb, self.dir, *arguments, "--program", TINTYPE],
                              capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise AssertionError(f"deploy/cluster {verb} {arguments}: {done.stderr[-2000:]}")
        return done.stdout

    def up(self):
        if have_own_mounts():
            for name in ("nats3", "osd.2"):
                disk = SmallDisk(self.folder(name))
                if disk.takes_direct_writes() or not name.startswith("osd"):
                    self.small_disks[name] = disk
                else:
                    disk.remove()
        self.script("up", *(["--hosts"] if can_have_hosts() else []))
        return self.enter()

    def enter(self):
        """Where its addresses can be reached."""
        if (self.dir / "hosts").exists():
            self.network = Network(self.dir / "hosts")
            self.network.enter_switch()
        return self

    def down(self):
        self.script("down", "--keep")
        for disk in self.small_disks.values():
            disk.remove()
        shutil.rmtree(self.dir, ignore_errors=True)

    def keep_logs(self, folder):
        """What its processes said, for whoever looks into what was found; the ends of what is long."""
        for pattern in ("*/log", "*/out", "ceph/log/*"):
            for file in filter(Path.is_file, self.dir.glob(pattern)):
                kept = Path(folder) / file.relative_to(self.dir)
                kept.parent.mkdir(parents=True, exist_ok=True)
                with open(file, "rb") as whole:
                    whole.seek(max(0, file.stat().st_size - KEPT_OF_A_LOG))
                    kept.write_bytes(whole.read())

    def folder(self, name):
        return self.dir / ("ceph" if "." in name else "") / name

    def urls(self):
        """Each comes back where it was, so they are read once."""
        if not self.known_urls:
            self.known_urls["nginx"] = (self.dir / "url").read_text().strip()
            for name in self.gateways:
                self.known_urls[name] = (self.dir / name / "ready").read_text().strip()
        return self.known_urls

    @property
    def all_names(self):
        return (*self.monitors, "mgr.x", *self.osds, *self.nats, *self.gateways, *self.nodes)

    def pid_file(self, name):
        return self.dir / ("ceph/run" if "." in name else "run") / f"{name}.pid"

    def pid(self, name):
        """0 when it does not run; a number alone may long belong to another process."""
        try:
            pid = int(self.pid_file(name).read_text())
            return pid if str(self.dir).encode() in Path(f"/proc/{pid}/cmdline").read_bytes() else 0
        except (OSError, ValueError):
            return 0

    def kill(self, name):
        if pid := self.pid(name):
            os.kill(pid, signal.SIGKILL)
            while Path(f"/proc/{pid}").exists() and self.pid(name):
                time.sleep(0.02)

    def hang(self, name):
        if pid := self.pid(name):
            os.kill(pid, signal.SIGSTOP)

    def wake(self, name):
        if pid := self.pid(name):
            os.kill(pid, signal.SIGCONT)

    def start(self, *names):
        if names := [name for name in names if not self.pid(name)]:
            self.script("start", *names)

    def replace_disk(self, name):
        """An empty one for an OSD; the others fill it."""
        done = subprocess.run([CHECKOUT / "deploy/cluster.d/ceph", "replace", self.dir / "ceph", name], capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"deploy/cluster.d/ceph replace {name}: {done.stderr[-2000:]}")

    def ceph(self, *arguments):
        done = subprocess.run(["ceph", "--conf", self.dir / "ceph/ceph.conf", "--connect-timeout", "10", *arguments],
                              capture_output=True, text=True, timeout=60)
        return done.stdout if done.returncode == 0 else ""

    def ceph_is_whole(self):
        try:
            status = json.loads(self.ceph("status", "--format", "json"))
        except ValueError:
            return False
        states = status["pgmap"].get("pgs_by_state", [])
        return (status["osdmap"]["num_up_osds"] == len(self.osds) and len(status["quorum_names"]) == len(self.monitors)
                and all(state["state_name"].startswith("active+clean") for state in states))

    def nats_health(self, name, what):
        """What a nats-server tells of itself."""
        conf = (self.dir / name / "nats-server.conf").read_text()
        return ask(f"http://{re.search(r'^http: (.*)$', conf, re.M)[1]}/{what}", 3) or {}

    def nats_leader(self):
        """The server that leads the cluster's JetStream; the first one where nobody says."""
        for name in self.nats:
            if leader := self.nats_health(name, "jsz").get("meta_cluster", {}).get("leader"):
                return leader
        return self.nats[0]

    def is_well(self):
        for name, url in self.urls().items():
            ready, devices = ask(url + "/readyz"), ask(url + "/v1/devices")
            if not ready or not devices or ready.get("state") != "ok":
                return False
            if not {node["node"] for node in devices["nodes"]} >= set(self.nodes):
                return False
        return all(self.nats_health(name, "healthz").get("status") == "ok" for name in self.nats)

    def wait_until_well(self, seconds):
        """How long it took; None if it took longer."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.is_well() and self.ceph_is_whole():
                return time.monotonic() - began
            time.sleep(0.3)
        return None
