# shellcheck shell=bash

# free_ports COUNT: different ones that nobody listens on now; where possible none of those that the kernel gives to outgoing
# connections, one of which could have it when a daemon that was killed comes back.
free_ports() {
  python3 - "$1" <<'PYTHON'
import random, socket, sys
lowest = 10000
with open("/proc/sys/net/ipv4/ip_local_port_range") as told:
    end = int(told.read().split()[0])
wanted = list(range(lowest, end)) if end > 2 * lowest else [0] * 1000
random.shuffle(wanted)
held = []
for port in wanted:
    if len(held) == int(sys.argv[1]):
        break
    each = socket.socket()
    try:
        each.bind(("127.0.0.1", port))
    except OSError:
        each.close()
        continue
    held.append(each)
print(*(each.getsockname()[1] for each in held))
PYTHON
}
