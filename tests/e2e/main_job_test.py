"""The main job, as a person runs it: every readable photo becomes a whole ladder, right by independent decoders."""

import hashlib
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import farm_under_test as e2e


class MainJob(e2e.FarmTest):
    def check_ladder(self, out, photo):
        """All eight files, of the size that the rung and the source say."""
        folder = out / photo["place"]
        long_side = max(photo["width"], photo["height"])
        for rung in e2e.RUNGS:
            for kind in ("webp", "avif"):
                file = folder / f"{rung}.{kind}"
                self.assertTrue(file.exists(), file)
                width, height, _ = e2e.decode_to_pnm(file)
                self.assertEqual(max(width, height), min(rung, long_side), file)
                self.assertAlmostEqual(width / height, photo["width"] / photo["height"], delta=0.02 * width / height + 1 / height)

    def test_every_photo_becomes_a_ladder_and_a_second_run_does_nothing(self):
        source = self.work / "album"
        (source / "2019" / "summer").mkdir(parents=True)
        photos = e2e.sample_photos()
        for i, photo in enumerate(photos):
            folder = source / "2019" / "summer" if i % 2 else source
            (folder / photo.name).write_bytes(photo.read_bytes())
        (source / "notes.txt").write_text("not a picture")
        before = {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in source.rglob("*") if p.is_file()}

        out = self.work / "out"
        result = self.compress(source, "--out", out)
        self.assertEqual(result["summary"]["done"], len(photos), result["failures"])
        self.assertEqual(len(result["not_pictures"]), 1)
        for photo in result["photos"]:
            self.check_ladder(out, photo)
        self.assertTrue(any("2019/summer" in photo["place"] for photo in result["photos"]))
        after = {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in source.rglob("*") if p.is_file()}
        self.assertEqual(before, after, "sources are never modified")
        self.assertFalse((out / ".tintype" / "farm").exists(), "nothing stays in a farm that was made for the occasion")

        again = self.compress(source, "--out", out)
        self.assertEqual(again["summary"]["done_before"], len(photos))
        self.check_page(out, len(photos))

    def check_page(self, out, count):
        page = (out / "index.html").read_text()
        self.assertNotRegex(page, r'(src|href)="https?://', "self-contained")
        with tempfile.TemporaryDirectory() as profile:
            dom = subprocess.run(
                ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync", f"--user-data-dir={profile}", "--virtual-time-budget=8000",
                 "--dump-dom", (out / "index.html").as_uri()], capture_output=True, text=True, timeout=120)
        self.assertEqual(dom.returncode, 0, dom.stderr[-500:])
        self.assertIn("<img", dom.stdout)

    def test_all_orientations_give_the_same_upright_picture(self):
        if not e2e.PHOTOS or not (Path(e2e.PHOTOS) / "exif_Landscape_1.jpg").exists():
            self.skipTest("needs the eight exif_Landscape photos: set TINTYPE_PHOTOS")
        source = self.work / "in"
        source.mkdir()
        for i in range(1, 9):
            name = f"exif_Landscape_{i}.jpg"
            (source / name).write_bytes((Path(e2e.PHOTOS) / name).read_bytes())
        out = self.work / "out"
        self.compress(source, "--out", out, "--recipe", "web-webp")
        pictures = [e2e.decode_to_pnm(out / "in" / f"exif_Landscape_{i}.jpg" / "256.webp") for i in range(1, 9)]
        for width, height, pixels in pictures:
            self.assertEqual((width, height), pictures[0][:2])
            difference = sum(abs(a - b) for a, b in zip(pixels[::7], pictures[0][2][::7])) / len(pixels[::7])
            self.assertLess(difference, 6, "mean absolute difference of samples")

    def test_gps_is_dropped_and_profile_and_date_are_kept(self):
        name = "DJI_0018.jpg"
        if not e2e.PHOTOS or not (Path(e2e.PHOTOS) / name).exists():
            self.skipTest("needs a photo with GPS and date: set TINTYPE_PHOTOS")
        out = self.work / "out"
        self.compress(Path(e2e.PHOTOS) / name, "--out", out)
        for variant in ("1024.webp", "1024.avif"):
            file = next(out.rglob(f"{name}/{variant}"))
            tags = subprocess.run(["exiftool", "-s", "-G1", str(file)], capture_output=True, text=True, check=True).stdout
            self.assertNotRegex(tags, r"(?i)gps")
            self.assertRegex(tags, r"DateTimeOriginal")
            self.assertNotRegex(tags, r"(?i)XMP-drone")


if __name__ == "__main__":
    unittest.main(verbosity=2)
