"""The links between a fleet's hosts, which are network namespaces (deploy/cluster up --hosts): cut, parted and slowed."""

import os
import subprocess
import sys
from pathlib import Path

HOSTS = ("host1", "host2", "host3")
NOBODY = "02:00:00:00:00:01"  # a hardware address that no host has: what is sent there is lost, silently


def can_have_hosts():
    return subprocess.run(["unshare", "--net", "ip", "link", "add", "type", "veth"], capture_output=True).returncode == 0


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Network:
    def __init__(self, folder):
        self.folder = Path(folder)

    def namespace(self, name):
        return f"/proc/{(self.folder / f'{name}.pid').read_text().strip()}/ns/net"

    def enter_switch(self):
        """This thread, and all that it starts from now on."""
        with open(self.namespace("switch"), "rb") as file:
            os.setns(file.fileno(), os.CLONE_NEWNET)

    def unplug(self, host):
        ip("link", "set", host, "nomaster")

    def plug(self, host):
        ip("link", "set", host, "master", "lan")

    def ways(self, host):
        for other in HOSTS:
            if other != host:
                yield host, other
                yield other, host

    def part(self, host):
        """It and the other hosts are out of each other's reach; who is at the switch, as clients are, reaches all."""
        for sender, receiver in self.ways(host):
            self.at(sender, "neighbour", "replace", self.address(receiver), "lladdr", NOBODY, "nud", "permanent", "dev", "eth0")

    def join(self, host):
        for sender, receiver in self.ways(host):
            self.at(sender, "neighbour", "delete", self.address(receiver), "dev", "eth0")

    def slow(self, host, delay_ms):
        """The process that makes it so; slow until it is ended."""
        process = subprocess.Popen([sys.executable, Path(__file__).with_name("slow_link.py"), host, str(delay_ms)], stdout=subprocess.PIPE)
        if process.stdout.readline().strip() != b"slow":
            raise AssertionError(f"the link of {host} was not made slow")
        return process

    def at(self, host, *words):
        subprocess.run(["nsenter", f"--net={self.namespace(host)}", "--", "ip", *words], check=True, capture_output=True)

    @staticmethod
    def address(host):
        return f"10.77.0.{host.removeprefix('host')}"
