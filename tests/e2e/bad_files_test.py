"""Hostile and broken files end with the cause that a person would name, and harm nothing beside them."""

import os
import unittest
from pathlib import Path

import farm_under_test as e2e

EXPECTATIONS = Path(os.environ["TINTYPE_BAD_EXPECTATIONS"])


class BadFiles(e2e.FarmTest):
    @unittest.skipUnless(e2e.BAD, "needs a folder of hostile files: set TINTYPE_BAD")
    def test_each_ends_in_its_class_of_cause_and_good_ones_are_unharmed(self):
        expected = {}
        for line in EXPECTATIONS.read_text().splitlines():
            if line and not line.startswith("#"):
                name, outcomes, *_ = line.split("\t")
                expected[name] = outcomes.split("|")
        mixed = self.work / "mixed"
        mixed.mkdir()
        bad = [p for p in sorted(Path(e2e.BAD).iterdir()) if p.name != "MANIFEST.tsv"]
        for file in bad:
            (mixed / file.name).write_bytes(file.read_bytes())
        e2e.small_photos(mixed / "good", 20)

        out = self.work / "out"
        # Named one by one as well, so that what does not look like a picture is submitted too.
        result = self.compress(mixed, *(mixed / f.name for f in bad), "--out", out, "--recipe", "web-webp", expect=(1,))
        outcome = {}
        for photo in result["photos"]:
            outcome[Path(photo["path"]).name] = "ok" if photo["state"] == "done" else photo["failure"]["code"]
        wrong = []
        for file in bad:
            got = outcome.get(file.name)
            wanted = expected.get(file.name)
            if wanted is None:  # a file that the table does not know: any cause but ours
                wrong += [(file.name, got, "any")] if got in (None, "internal") else []
            elif got not in wanted:
                wrong.append((file.name, got, wanted))
        self.assertEqual(wrong, [])
        for i in range(20):
            self.assertEqual(outcome[f"{i:03}.jpg"], "ok")
        for photo in result["photos"]:
            if photo["state"] != "done":
                self.assertGreater(len(photo["failure"]["message"]), 10, photo)
                self.assertFalse((out / photo["place"]).exists(), "nothing half-made")
        self.assertFalse((out / ".tintype" / "farm").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
