"""The cluster suite's checker before one farm: it finds nothing wrong with the farm, and each planted bug."""

import os
import shutil
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

import farm_under_test as e2e  # noqa: E402
from ledger import Ledger, time_of  # noqa: E402
from liar import BUGS, SHOWS_AS, Liar  # noqa: E402
from load import RECIPE, Gateways, Load, verify  # noqa: E402
from picture import jpeg  # noqa: E402

SECONDS = float(os.environ.get("TINTYPE_CHECKER_SECONDS", "3"))


class Checker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = Path(tempfile.mkdtemp(prefix="tintype-checker-"))
        cls.addClassCleanup(shutil.rmtree, cls.work, ignore_errors=True)
        cls.farm = e2e.Farm(cls.work / "farm").start()
        cls.addClassCleanup(cls.farm.stop)
        status, body = cls.farm.request("PUT", "/v1/recipes/tiny", RECIPE)
        assert status in (200, 201), body

    def run_through(self, urls, seconds, until=lambda violations: violations):
        # Owners are the same in every test: each ledger knows its own photos alone, and finds nothing in others'.
        ledger = Ledger(jpeg())
        with Gateways(urls) as gateways, Load(gateways, ledger, clients=6, pause_s=0.01, seed=len(urls)):
            end = time.monotonic() + seconds
            while time.monotonic() < end and not until(ledger.violations):
                time.sleep(0.05)
        return ledger

    def test_a_farm_without_bugs(self):
        urls = {"one": self.farm.url, "other": self.farm.url}
        ledger = self.run_through(urls, SECONDS)
        with Gateways(urls) as gateways:
            verify(gateways, ledger, seconds=60)
        self.assertEqual(ledger.violations, [])
        self.assertGreater(len(ledger.living()), 10, ledger.counts)
        self.assertGreater(ledger.counts["delete"], 3)
        some = ledger.living()[0]
        listed = self.farm.request("GET", f"/v1/photos/{some.photo}", headers={"Tintype-Owner": some.owner})[1]
        self.assertIn(time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time_of(some.photo) / 1000)).encode(), listed)

    def test_each_planted_bug(self):
        for bug in BUGS:
            with self.subTest(bug):
                # One bug may show in several ways: the one that it is planted for has to be among them.
                def is_seen(violations, bug=bug):
                    return any(kind in SHOWS_AS[bug] for kind, _ in violations)

                liar = Liar(self.farm.url, bug)
                ledger = self.run_through({"liar": liar.url}, SECONDS * 10, until=is_seen)
                liar.close()
                self.assertTrue(is_seen(ledger.violations), f"{bug} went unseen: {ledger.violations[:5]}, {ledger.counts}")


if __name__ == "__main__":
    unittest.main()
