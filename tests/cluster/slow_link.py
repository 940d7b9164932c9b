"""A slow cable, for kernels without netem: what goes between a host and the switch takes DELAY_MS each way.

    slow_link.py HOST DELAY_MS      run at the switch; says "slow" once it is, and ends the delay on SIGTERM

HOST's cable is put into a bridge of its own, and frames are carried between that and the others' by way of two TAP devices.
"""

import collections
import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def tap(name, bridge):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    ip("link", "set", name, "master", bridge, "up")
    return device


def carry(devices, delay_s, stopping):
    """Each frame goes out of the other device `delay_s` after it came."""
    waiting = collections.deque()  # (when, device, frame), by when
    while not stopping:
        patience = max(0.0, waiting[0][0] - time.monotonic()) if waiting else 0.2
        for device in select.select(devices, [], [], patience)[0]:
            frame = os.read(device, 65536)
            waiting.append((time.monotonic() + delay_s, devices[1 - devices.index(device)], frame))
        while waiting and waiting[0][0] <= time.monotonic():
            _, device, frame = waiting.popleft()
            try:
                os.write(device, frame)
            except BlockingIOError:
                pass  # as on any link with more traffic than it takes: TCP sends it again


def main():
    host, delay_ms = sys.argv[1:]
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    ip("link", "add", "name", "slow", "type", "bridge")
    try:
        ip("link", "set", "slow", "up")
        devices = [tap("near", "lan"), tap("far", "slow")]
        ip("link", "set", host, "master", "slow")
        print("slow", flush=True)
        carry(devices, float(delay_ms) / 1000, stopping)
    finally:
        ip("link", "set", host, "master", "lan")
        ip("link", "delete", "slow")


if __name__ == "__main__":
    main()
