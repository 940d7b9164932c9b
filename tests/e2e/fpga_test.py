"""A farm with an emulated FPGA card: the card makes WebPs, the CPU's one slot the rest; whatever the card does, no photo is lost or wrong."""

import os
import re
import shutil
import subprocess
import time
import unittest
from pathlib import Path

import farm_under_test as e2e

EMULATION = os.environ.get("TINTYPE_FPGA_EMULATION_FOLDER", "")


def recipe_of(sides):
    """WebPs by our own encoder, an effort each, and an AVIF of the smallest."""
    return "\n".join(
        ['name = "card"\ndamaged = "keep"'] +
        [f'[[rung]]\nlong_side = {side}\nformat = "webp"\nquality = 75\neffort = {effort}\nencoder = "tintype"' for side, effort in zip(sides, (4, 1, 6))] +
        [f'[[rung]]\nlong_side = {sides[-1]}\nformat = "avif"\nquality = 48\neffort = 2\n'])


def encodes_of(task):
    """How many files a task makes, by what explain calls it: "reconstruct+resize x3+encode x3" makes 3."""
    found = re.search(r"\bencode(?: x(\d+))?$", task)
    return int(found[1] or 1) if found else 0


def keeps_its_samples(content):
    """Whether a JPEG is grey, or YCbCr, by its markers: the others' colours have to change, which is a decoder's work."""
    at, icc, adobe, jfif = 2, False, None, False
    while content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        body = content[at + 4 : at + 2 + length]
        jfif |= marker == 0xE0 and body.startswith(b"JFIF\0")
        icc |= marker == 0xE2 and body.startswith(b"ICC_PROFILE\0")
        if marker == 0xEE and body.startswith(b"Adobe"):
            adobe = body[11]
        if marker in (0xC0, 0xC1, 0xC2):
            components = body[5]
            if components == 1:
                return not icc
            is_rgb = not jfif and (adobe == 0 or (adobe is None and body[6::3] == b"RGB"))
            return components == 3 and not is_rgb
        at += 2 + length
    return False


@unittest.skipUnless(EMULATION and (Path(EMULATION) / "lib" / "libxrt_hwemu.so.2").exists(), "built without emulated FPGA cards")
class Fpga(e2e.FarmTest):
    def setUp(self):
        super().setUp()
        self.recipe = self.work / "card.toml"
        self.recipe.write_text(recipe_of((640, 320, 160)))
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

    def run_album(self, name, *options, recipe=None):
        """(files by their place below the folder of results, the farm's lanes, what explain says of every job); every photo with its
        decisions is in self.photos then"""
        farm = e2e.Farm(self.work / name, "--workers", "1", *options).start()
        self.addCleanup(farm.stop)
        self.wait_for_lanes(farm)
        out = self.work / (name + "-out")
        result = self.compress(self.album, "--out", out, "--recipe", recipe or self.recipe, "--farm", farm.url, "--keep")
        count = len([p for p in self.album.rglob("*") if p.is_file()])
        self.assertEqual(result["summary"]["done"], count, result["failures"])
        files = {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.suffix in (".webp", ".avif")}
        lanes = self.lanes(farm)
        self.photos = []
        for job in farm.get("/v1/jobs?limit=100")["jobs"]:
            attempts = farm.get(f"/v1/jobs/{job['id']}/explain")["attempts"]
            self.assertEqual(len(attempts), 1, "whatever moves, moves within the attempt")
            self.photos.append((farm.get(f"/v1/photos/{job['photo_id']}"), attempts[0]["decisions"]))
        self.assertEqual(len(self.photos), count)
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

    def add_odd_photos(self):
        """Progressive and grey JPEGs, and any chroma, are a card's like others; CMYK, damaged ones and PNG are not. One of the same
        will do."""
        for copy in ("001.jpg", "002.jpg"):
            (self.album / "same" / copy).unlink()
        source = str(self.album / "same" / "000.jpg")
        for name, options in {"progressive.jpg": ["-interlace", "JPEG"], "wide.jpg": ["-sampling-factor", "4:2:2"], "full.jpg": ["-sampling-factor", "4:4:4"], "grey.jpg": ["-colorspace", "Gray", "-strip"],
                              "print.jpg": ["-colorspace", "CMYK", "-strip"], "drawn.png": [], "cut.jpg": []}.items():
            subprocess.run(["magick", source, "-resize", "400x400", *options, str(self.album / name)], check=True, timeout=60)
        cut = self.album / "cut.jpg"
        cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 3 // 4])

    def why_not_on_a_card(self, name):
        """What explain has to say of it; "": a card can do it."""
        content = next(p for p in self.album.rglob("*") if p.name == name).read_bytes()
        if not content.startswith(b"\xff\xd8"):
            return "devices take JPEGs"
        return "" if keeps_its_samples(content) and name != "cut.jpg" else "its coefficients alone will not do"

    def assert_the_card_made_every_webp_that_it_can(self):
        """By what explain says; AVIF is the CPU's. Answers the names of photos by why they had no part on the card; "": they had."""
        names = {"": [], "devices take JPEGs": [], "its coefficients alone will not do": []}
        for photo, decisions in self.photos:
            name = photo["file_name"]
            # Rungs of one size and setting, of a photo smaller than they are, share a file.
            files = {(v["format"], v["width"], v["height"], v["quality"], v["effort"]) for v in photo["manifest"]["variants"]}
            webps = sum(file[0] == "webp" for file in files)
            done = {lane: sum(encodes_of(d["task"]) for d in decisions if d["chosen"] == lane and d["outcome"] == "ok") for lane in ("fpga-0", "cpu")}
            reasons = "; ".join(d["reason"] for d in decisions if d["task"] == "cut")
            why_not = self.why_not_on_a_card(name)
            self.assertIn(why_not or "devices come first", reasons, name)
            self.assertEqual(done["fpga-0"], 0 if why_not else webps, f"{name}: {reasons}")
            self.assertEqual(done["fpga-0"] + done["cpu"], len(files), f"{name}: nothing is made twice")
            names[why_not].append(name)
        return names

    def run_with_devices_first(self, recipe=None):
        """The album with a card and one core, every file as one core alone makes it. Answers as the check above."""
        expected, _, _ = self.run_album("cpu", recipe=recipe)
        self.emulate("cards=1")
        files, lanes, _ = self.run_album("card", "--placement", "devices-first", "--task-timeout-s", "2400", *self.card_options(0), recipe=recipe)
        self.assert_same_files(files, expected)
        names = self.assert_the_card_made_every_webp_that_it_can()
        card = lanes["fpga-0"]
        self.assertEqual((card["kind"], card["tasks_done"], card["tasks_failed"], card["restarts"]), ("fpga-emu", len(names[""]), 0, 0))
        return names

    def test_where_devices_come_first_the_card_makes_every_webp_that_it_can(self):
        self.add_odd_photos()
        self.recipe.write_text(recipe_of((320, 160, 80)))
        names = self.run_with_devices_first()
        self.assertEqual(names["devices take JPEGs"], ["drawn.png"])
        self.assertLessEqual({"print.jpg", "cut.jpg"}, set(names["its coefficients alone will not do"]))
        self.assertLessEqual({"progressive.jpg", "wide.jpg", "full.jpg", "grey.jpg", "000.jpg"}, set(names[""]))

    @unittest.skipUnless(os.environ.get("TINTYPE_FPGA_MAIN_JOB"), "TINTYPE_FPGA_MAIN_JOB=N has the N smallest photos go over an emulated card: it takes long")
    def test_the_main_job(self):
        """The built-in recipe, on photos as they are."""
        shutil.rmtree(self.album)
        self.album.mkdir()
        photos = sorted(e2e.sample_photos(), key=lambda p: p.stat().st_size)
        for photo in photos[: int(os.environ["TINTYPE_FPGA_MAIN_JOB"])]:
            (self.album / photo.name).write_bytes(photo.read_bytes())
        names = self.run_with_devices_first(recipe="web")
        print({why or "on the card": of for why, of in names.items()})

    def test_every_trouble_that_a_card_can_have(self):
        expected, lanes, _ = self.run_album("cpu")
        self.assertEqual(list(lanes), ["cpu"])

        for settings in ("error=25", "lose=25", "no_room=9"):
            self.emulate(settings)
            # Devices first: a CPU that happens to be quick would leave the card too little to fail at.
            files, lanes, stories = self.run_album(settings.replace("=", ""), "--placement", "devices-first", *self.card_options(0))
            self.assert_same_files(files, expected)
            self.assertGreaterEqual(lanes["fpga-0"]["tasks_failed"], 1, settings)
            self.assertIn("fpga-0 failed: ", stories, settings)
            self.assertIn("moved here: ", stories, settings)

        # Every task of a card that is new is compared: one wrong bit, and nothing of the card's is used again.
        self.emulate("flip=1,faulty_kernel=3,faults=1000000")
        files, lanes, stories = self.run_album("flip", "--placement", "devices-first", *self.card_options(1))
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
