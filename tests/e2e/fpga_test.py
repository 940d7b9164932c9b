"""A farm with an emulated FPGA card: the card makes WebPs, the CPU's one slot the rest; whatever the card does, no photo is lost or wrong."""

import os
import subprocess
import time
import unittest
from pathlib import Path

import farm_under_test as e2e

EMULATION = os.environ.get("TINTYPE_FPGA_EMULATION_FOLDER", "")
RECIPE = "\n".join(
    ['name = "card"'] +
    [f'[[rung]]\nlong_side = {side}\nformat = "webp"\nquality = 75\neffort = {effort}\nencoder = "tintype"' for side, effort in ((640, 4), (320, 1), (160, 6))] +
    ['[[rung]]\nlong_side = 160\nformat = "avif"\nquality = 48\neffort = 2\n'])


@unittest.skipUnless(EMULATION and (Path(EMULATION) / "lib" / "libxrt_hwemu.so.2").exists(), "built without emulated FPGA cards")
class Fpga(e2e.FarmTest):
    def setUp(self):
        super().setUp()
        self.recipe = self.work / "card.toml"
        self.recipe.write_text(RECIPE)
        self.album = self.work / "album"
        self.album.mkdir()
        small = sorted((p for p in e2e.sample_photos() if p.suffix == ".jpg"), key=lambda p: p.stat().st_size)
        for photo in small[:5]:
            (self.album / photo.name).write_bytes(photo.read_bytes())
        e2e.small_photos(self.album / "same", 3)

    def emulate(self, settings):
        for name, value in (("XCL_EMULATION_MODE", "hw_emu"), ("XILINX_XRT", EMULATION), ("TINTYPE_FPGA_EMULATION", settings)):
            os.environ[name] = value
            self.addCleanup(os.environ.pop, name, None)

    def lanes(self, farm):
        return {lane["name"]: lane for lane in farm.get("/v1/devices")["nodes"][0]["lanes"]}

    def wait_for_lanes(self, farm):
        """A card that opens late, on a busy machine, would find the album done."""
        deadline = time.time() + 120
        while time.time() < deadline and any(lane["state"] != "ready" for lane in self.lanes(farm).values()):
            time.sleep(0.1)

    def run_album(self, name, *options):
        """(files by their place below the folder of results, the farm's lanes, what explain says of every job)"""
        farm = e2e.Farm(self.work / name, "--workers", "1", *options).start()
        self.addCleanup(farm.stop)
        self.wait_for_lanes(farm)
        out = self.work / (name + "-out")
        result = self.compress(self.album, "--out", out, "--recipe", self.recipe, "--farm", farm.url, "--keep")
        self.assertEqual(result["summary"]["done"], 8, result["failures"])
        files = {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.suffix in (".webp", ".avif")}
        lanes = self.lanes(farm)
        stories = "".join(
            subprocess.run([e2e.TINTYPE, "jobs", "explain", job["id"], "--farm", farm.url], capture_output=True, text=True, check=True).stdout
            for job in farm.get("/v1/jobs?limit=100")["jobs"])
        farm.stop()
        return files, lanes, stories

    def card_options(self, check_one_in):
        return ("--fpga", "all", "--fpga-xclbin", str(Path(EMULATION) / "tintype.xclbin"), "--check-devices", str(check_one_in))

    def assert_same_files(self, made, expected):
        self.assertEqual(sorted(made), sorted(expected))
        self.assertEqual([place for place in made if made[place] != expected[place]], [])

    def test_the_main_job_and_every_trouble_that_a_card_can_have(self):
        expected, lanes, _ = self.run_album("cpu")
        self.assertEqual(list(lanes), ["cpu"])

        self.emulate("cards=1")
        files, lanes, _ = self.run_album("card", *self.card_options(0))
        self.assert_same_files(files, expected)
        self.assertEqual(lanes["fpga-0"]["kind"], "fpga-emu")
        self.assertGreaterEqual(lanes["fpga-0"]["tasks_done"], 1)
        self.assertEqual(lanes["fpga-0"]["tasks_failed"], 0)
        self.assertEqual(lanes["fpga-0"]["restarts"], 0)

        for settings in ("error=25", "lose=25", "no_room=9"):
            self.emulate(settings)
            files, lanes, stories = self.run_album(settings.replace("=", ""), *self.card_options(0))
            self.assert_same_files(files, expected)
            self.assertGreaterEqual(lanes["fpga-0"]["tasks_failed"], 1, settings)
            self.assertIn("fpga-0 failed: ", stories, settings)
            self.assertIn("moved here: ", stories, settings)

        # Every task of a card that is new is compared: one wrong bit, and nothing of the card's is used again.
        self.emulate("flip=1,faulty_kernel=3,faults=1000000")
        files, lanes, stories = self.run_album("flip", *self.card_options(1))
        self.assert_same_files(files, expected)
        self.assertEqual(lanes["fpga-0"]["state"], "out_of_service")
        self.assertIn("fpga-0 is out of service", stories)

    def test_without_a_card_the_farm_works_and_says_why(self):
        self.emulate("cards=0")
        files, lanes, _ = self.run_album("none", *self.card_options(0))
        self.assertEqual(list(lanes), ["cpu"])
        self.assertEqual(len([place for place in files if place.endswith(".webp")]), 24)
        self.assertIn("no FPGA card", (self.work / "none.log").read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
