"""A disk of its own for one process, which can be full: a tmpfs that is made as small as what it holds."""

import mmap
import os
import subprocess
from pathlib import Path

ROOM_MB = 2048  # at most; it takes what is written


def have_own_mounts():
    """What is mounted from now on is seen by this process and those that it starts, and ends with them. False: not to be had."""
    try:
        os.unshare(os.CLONE_NEWNS)
    except OSError:
        return False
    # In a folder that was entered as the root there is no mount at "/"; there, mounts may be private already.
    return mount("--make-rprivate", "/", may_fail=True) or "shared:" not in Path("/proc/self/mountinfo").read_text()


class SmallDisk:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        mount("-t", "tmpfs", "-o", f"size={ROOM_MB}m,mode=0700", "tmpfs", str(folder))

    def takes_direct_writes(self):
        """As Ceph writes; tmpfs does since Linux 6.6."""
        probe = self.folder / "probe"
        try:
            file = os.open(probe, os.O_RDWR | os.O_CREAT | os.O_DIRECT)
        except OSError:
            return False
        try:
            with mmap.mmap(-1, 4096) as page:
                return os.write(file, page) == 4096
        except OSError:
            return False
        finally:
            os.close(file)
            probe.unlink()

    def fill(self):
        for _ in range(20):  # it may grow meanwhile
            state = os.statvfs(self.folder)
            used_kb = max(4, (state.f_blocks - state.f_bfree) * state.f_frsize // 1024)
            if mount("-o", f"remount,size={used_kb}k", str(self.folder), may_fail=True):
                return
        raise AssertionError(f"{self.folder} could not be filled")

    def make_room(self):
        mount("-o", f"remount,size={ROOM_MB}m", str(self.folder))

    def remove(self):
        subprocess.run(["umount", "--lazy", str(self.folder)], capture_output=True)


def mount(*words, may_fail=False):
    done = subprocess.run(["mount", *words], capture_output=True, text=True)
    if done.returncode != 0 and not may_fail:
        raise AssertionError(f"mount {' '.join(words)}: {done.stderr.strip()}")
    return done.returncode == 0
