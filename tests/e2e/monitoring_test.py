"""Every metric that the dashboard or an alert names is one that a farm exports, and every one exported is shown."""

import json
import re
import unittest
from pathlib import Path

import farm_under_test as e2e

MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"


METRIC = re.compile(r"\btintype_[a-z_]+")


def names_in(text):
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in METRIC.findall(text)}


class Monitoring(e2e.FarmTest):
    def test_dashboard_and_alerts_name_what_the_farm_exports(self):
        farm = e2e.Farm(self.work / "data").start()
        self.addCleanup(farm.stop)
        status, body = farm.request("GET", "/metrics")
        self.assertEqual(status, 200)
        exported = {line.split()[2] for line in body.decode().splitlines() if line.startswith("# TYPE ")}
        dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text())
        shown = {name for panel in dashboard["panels"] for target in panel["targets"] for name in names_in(target["expr"])}
        alerted = names_in((MONITORING / "alerts.yml").read_text())
        self.assertGreater(len(shown), 20)
        self.assertEqual(shown - exported, set(), "the dashboard names what no farm exports")
        self.assertEqual(alerted - exported, set(), "an alert names what no farm exports")
        # The blob count and a lane's memory are there for who asks, not on the page.
        self.assertEqual(exported - shown, {"tintype_store_blobs", "tintype_lane_memory_bytes"})
        # With a value from the first moment on, so that no alert sleeps until something has happened.
        for name in ("store_takes_uploads", "store_free_bytes", "queue_up", "queue_dead_letters", "lane_slots", "bulk_slots"):
            self.assertRegex(body.decode(), rf"(?m)^tintype_{name}(\{{.*\}})? [0-9]", name)


if __name__ == "__main__":
    unittest.main()
