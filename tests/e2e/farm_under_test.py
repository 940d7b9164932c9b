"""What the end-to-end tests share: the built program, folders, photos to feed it, independent judges of its output."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

TINTYPE = os.environ["TINTYPE_PROGRAM"]
PHOTOS = os.environ.get("TINTYPE_PHOTOS", "")
BAD = os.environ.get("TINTYPE_BAD", "")
# A Debian package's photographs serve where no folder of photos is named.
SAMPLES = Path("/usr/share/backgrounds")
RUNGS = (2048, 1024, 512, 256)


def sample_photos():
    folder = Path(PHOTOS) if PHOTOS else SAMPLES
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in {".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"})


def small_photos(folder, count):
    """`count` different small JPEGs in `folder`, made from the smallest photo at hand by a byte after its end."""
    source = min((p for p in sample_photos() if p.suffix == ".jpg" and p.stat().st_size > 90_000), key=lambda p: p.stat().st_size)
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        (folder / f"{i:03}.jpg").write_bytes(source.read_bytes() + b"tail %d" % i)


def decode_to_pnm(path):
    """(width, height, bytes of RGB) by dwebp or avifdec: never by our own code."""
    with tempfile.TemporaryDirectory() as work:
        if path.suffix == ".webp":
            out = Path(work) / "o.ppm"
            subprocess.run(["dwebp", "-quiet", "-ppm", str(path), "-o", str(out)], check=True, capture_output=True)
            magic, width, height, _, pixels = re.match(rb"(P6)\s(\d+)\s(\d+)\s(\d+)\s(.*)", out.read_bytes(), re.S).groups()
            return int(width), int(height), pixels
        out = Path(work) / "o.y4m"
        subprocess.run(["avifdec", "-q", "100", str(path), str(out)], check=True, capture_output=True)
        header = out.read_bytes()[:200].split(b"\n")[0].decode()
        return int(re.search(r" W(\d+)", header)[1]), int(re.search(r" H(\d+)", header)[1]), b""


def descendants(pid):
    """All processes below `pid`, as {pid: command line}."""
    parents, commands = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
            commands[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            parents[int(entry.name)] = int(stat[stat.rindex(")") + 2 :].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found = {}
    grown = True
    while grown:
        grown = False
        for child, parent in parents.items():
            if child not in found and (parent == pid or parent in found):
                found[child] = commands[child]
                grown = True
    return found


class Farm:
    """`tintype serve` on a folder, for tests that talk to it over HTTP."""

    def __init__(self, data, *options):
        self.data = Path(data)
        self.options = options
        self.process = None

    def start(self):
        port_file = self.data.parent / (self.data.name + ".port")
        port_file.unlink(missing_ok=True)
        log = self.data.parent / (self.data.name + ".log")
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                [TINTYPE, "serve", "--data", str(self.data), "--listen", "127.0.0.1:0", "--port-file", str(port_file), *self.options],
                stdout=output, stderr=output)
        deadline = time.time() + 60
        while not port_file.exists():
            if self.process.poll() is not None or time.time() > deadline:
                raise AssertionError("the farm did not start: " + log.read_text()[-2000:])
            time.sleep(0.02)
        self.url = port_file.read_text().strip()
        return self

    def request(self, method, path, body=None, headers=None):
        """(status, bytes); connection errors are raised."""
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def get(self, path):
        status, body = self.request("GET", path)
        if status != 200:
            raise AssertionError(f"GET {path}: {status} {body[:300]}")
        return json.loads(body)

    def upload(self, name, content, **query):
        text = "&".join(f"{k}={v}" for k, v in {"name": name, **query}.items())
        status, body = self.request("POST", f"/v1/photos?{text}", content)
        if status not in (200, 201):
            raise AssertionError(f"upload of {name}: {status} {body[:300]}")
        return json.loads(body)

    def wait_for_job(self, job_id, seconds=120):
        deadline = time.time() + seconds
        while time.time() < deadline:
            job = self.get(f"/v1/jobs/{job_id}")
            if job["state"] in ("done", "failed", "cancelled"):
                return job
            time.sleep(0.05)
        raise AssertionError(f"job {job_id} did not end: {job}")

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)


class FarmTest(unittest.TestCase):
    def setUp(self):
        self.work = Path(tempfile.mkdtemp(prefix="tintype-e2e-"))
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)

    def compress(self, *arguments, expect=(0,)):
        """Runs `tintype compress ... --json` and answers what it printed."""
        run = subprocess.run([TINTYPE, "compress", *map(str, arguments), "--json"], capture_output=True, text=True, timeout=1500)
        self.assertIn(run.returncode, expect, run.stderr[-3000:])
        return json.loads(run.stdout)
