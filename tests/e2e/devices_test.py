"""A farm with an OpenCL device beside one CPU slot: the same files, whoever makes them, also when the device's process is killed.

PoCL, which makes an OpenCL device of the CPU, is the device that every machine has; it is used only because it is named.
"""

import json
import os
import re
import signal
import subprocess
import threading
import time
import unittest

import farm_under_test as e2e

RECIPE = "\n".join(
    ['name = "devices"'] +
    [f'[[rung]]\nlong_side = {side}\nformat = "webp"\nquality = 75\neffort = {effort}\nencoder = "tintype"' for side, effort in ((1024, 4), (512, 1), (256, 6))] +
    ['[[rung]]\nlong_side = 512\nformat = "avif"\nquality = 48\neffort = 2\n'])


class Devices(e2e.FarmTest):
    def setUp(self):
        super().setUp()
        self.recipe = self.work / "devices.toml"
        self.recipe.write_text(RECIPE)
        self.album = self.work / "album"
        self.album.mkdir()
        for photo in sorted((p for p in e2e.sample_photos() if p.suffix == ".jpg"), key=lambda p: p.stat().st_size)[:6]:
            (self.album / photo.name).write_bytes(photo.read_bytes())

    def start(self, name, *options):
        farm = e2e.Farm(self.work / name, "--workers", "1", *options).start()
        self.addCleanup(farm.stop)
        return farm

    def start_with_device(self, name, *options):
        """With its device open; where there is no OpenCL driver there is nothing to test."""
        farm = self.start(name, "--opencl", "all", *options)
        deadline = time.time() + 300
        while time.time() < deadline:
            device = self.lanes(farm).get("opencl-0")
            if device is None:
                self.skipTest("no OpenCL device on this machine")
            if device["state"] == "ready":
                return farm
            time.sleep(0.1)
        self.fail(f"the device was not opened: {device}")

    def lanes(self, farm):
        return {lane["name"]: lane for lane in farm.get("/v1/devices")["nodes"][0]["lanes"]}

    def run_album(self, farm, name):
        """The files by their place, and what explain says of every job."""
        out = self.work / (name + "-out")
        result = self.compress(self.album, "--out", out, "--recipe", self.recipe, "--farm", farm.url, "--keep")
        self.assertEqual(result["summary"]["done"], 6, result["failures"])
        files = {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.suffix in (".webp", ".avif")}
        stories = [farm.get(f"/v1/jobs/{job['id']}/explain") for job in farm.get("/v1/jobs?limit=100")["jobs"]]
        return files, stories

    def assert_same_files(self, made, expected):
        self.assertEqual(sorted(made), sorted(expected))
        self.assertEqual([place for place in made if made[place] != expected[place]], [])

    def kill_when_busy(self, farm, killed, stop):
        """Ends the device's process as soon as it has a task; three times, as one may come when the task has just ended."""
        busy = re.compile(rb'tintype_lane_busy_slots\{lane="opencl-0"\} [1-9]')
        while not stop.is_set():
            if busy.search(farm.request("GET", "/metrics")[1]):
                for pid, command in e2e.descendants(farm.process.pid).items():
                    if "device-worker" in command:
                        os.kill(pid, signal.SIGKILL)
                        killed.append(pid)
                if len(killed) >= 3:
                    return
            time.sleep(0.005)

    def test_the_files_are_the_cpus_and_the_story_says_who_made_them(self):
        expected, stories = self.run_album(self.start("cpu", "--opencl", "none"), "cpu")
        self.assertEqual(len(expected), 6 * 4)
        self.assertNotIn('"cut"', json.dumps(stories), "without a device there is nothing to choose")

        farm = self.start_with_device("device", "--check-devices", "2")
        files, stories = self.run_album(farm, "device")
        self.assert_same_files(files, expected)
        device = self.lanes(farm)["opencl-0"]
        self.assertGreaterEqual(device["tasks_done"], 3)
        self.assertEqual((device["tasks_failed"], device["state"]), (0, "ready"), device["reason"])
        metrics = farm.request("GET", "/metrics")[1].decode()
        self.assertRegex(metrics, r'tintype_lane_checks_total\{lane="opencl-0",result="equal"\} [1-9]')
        self.assertNotIn('result="differs"', metrics)
        decisions = [d for story in stories for attempt in story["attempts"] for d in attempt["decisions"]]
        self.assertEqual(sum(d["task"] == "cut" for d in decisions), 6)
        self.assertTrue(any(d["task"].startswith("reconstruct") and d["chosen"] == "opencl-0" for d in decisions))
        text = subprocess.run([e2e.TINTYPE, "devices", "--farm", farm.url], capture_output=True, text=True, check=True).stdout
        self.assertIn("opencl-0", text)
        farm.stop()

        farm = self.start_with_device("killed", "--check-devices", "0", "--placement", "devices-first")
        killed, stop = [], threading.Event()
        killer = threading.Thread(target=self.kill_when_busy, args=(farm, killed, stop))
        killer.start()
        files, stories = self.run_album(farm, "killed")
        stop.set()
        killer.join()
        self.assertTrue(killed, "the device had no task")
        self.assert_same_files(files, expected)
        self.assertTrue(all(len(story["attempts"]) == 1 for story in stories), "moved within the attempt")
        self.assertIn("moved here: opencl-0 failed", json.dumps(stories))
        self.assertEqual(self.lanes(farm)["cpu"]["tasks_failed"], 0)

    def test_verify_ends_soon_and_tells_what_it_does(self):
        """With nothing built before, as on a machine's first day; then with what it kept."""
        home = self.work / "home"
        home.mkdir()
        environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "POCL_CACHE_DIR": str(home / "pocl")}
        for was_built in (False, True):
            began = time.time()
            run = subprocess.run([e2e.TINTYPE, "devices", "--verify", "--json"], capture_output=True, text=True, timeout=300, env=environment)
            took_s = time.time() - began
            devices = [d for d in json.loads(run.stdout)["devices"] if d["name"].startswith("opencl-")]
            if not devices:
                self.skipTest("no OpenCL device on this machine")
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            self.assertLess(took_s, 60, run.stderr)
            for device in devices:
                self.assertTrue(device["self_test"]["passed"], device)
                told = [line.partition(": ")[2] for line in run.stderr.splitlines() if line.strip().startswith(device["name"])]
                checks = [check["name"] for check in device["self_test"]["checks"]]
                paces = ["pace: " + rate["work"] for rate in device["self_test"]["rates"]]
                self.assertEqual(told[1:], checks + paces, "every step is told as it begins")
                self.assertTrue(all(rate["megapixels_per_second"] > 0 for rate in device["self_test"]["rates"]))
            programs = list((home / "cache" / "tintype" / "programs").glob("*.clbin"))
            self.assertTrue(programs, "built programs are kept")
            if was_built:
                self.assertEqual({p: p.stat().st_mtime_ns for p in programs}, kept, "and used again")
            kept = {p: p.stat().st_mtime_ns for p in programs}

    def test_a_device_that_is_not_there_costs_a_line_in_the_log(self):
        farm = self.start("none", "--opencl", "17")
        self.assertEqual(list(self.lanes(farm)), ["cpu"])
        log = (self.work / "none.log").read_text()
        self.assertRegex(log, r"device_not_used option=--opencl value=17 .*there is no device 17")
        self.assertEqual(farm.get("/readyz")["state"], "ok")

    def test_options_that_make_no_sense_are_refused(self):
        for options in (["--opencl", "gpu"], ["--fpga", "0"], ["--check-devices", "-1"], ["--placement", "gpu"]):
            run = subprocess.run([e2e.TINTYPE, "serve", "--data", str(self.work / "x"), "--listen", "127.0.0.1:0", *options],
                                 capture_output=True, text=True, timeout=30)
            self.assertEqual(run.returncode, 2, run.stderr)
            self.assertIn(options[0], run.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
