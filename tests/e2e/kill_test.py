"""kill -9 of the farm, of its children and of nats-server, at random moments under load: nothing is lost or done twice."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

import farm_under_test as e2e

KILLS = int(os.environ.get("TINTYPE_KILLS", "20"))
SEED = int(os.environ.get("TINTYPE_SEED", str(random.randrange(1 << 30))))


class Kills(e2e.FarmTest):
    def setUp(self):
        super().setUp()
        print(f"TINTYPE_SEED={SEED}", flush=True)
        self.random = random.Random(SEED)
        self.farm = e2e.Farm(self.work / "farm").start()
        self.addCleanup(self.farm.stop)
        e2e.small_photos(self.work / "photos", KILLS * 4)
        self.contents = [p.read_bytes() for p in sorted((self.work / "photos").iterdir())]
        self.jobs = {}

    def upload_some(self):
        """Uploads until told 201; an upload whose answer was lost is repeated under its key."""
        for number in range(len(self.jobs), min(len(self.jobs) + 4, len(self.contents))):
            for _ in range(100):
                try:
                    status, body = self.farm.request("POST", f"/v1/photos?name={number}.jpg&recipe=web-webp&class=bulk",
                                                     self.contents[number], {"Idempotency-Key": f"photo-{number}"})
                    if status in (200, 201):
                        self.jobs[number] = json.loads(body)
                        break
                except OSError:
                    pass
                time.sleep(0.1)
            self.assertIn(number, self.jobs, "an upload was refused for ten seconds")

    def check_all(self, seconds=180):
        """Every photo complete, committed once, every variant readable, and no photo more than was uploaded."""
        deadline = time.time() + seconds
        for number, upload in self.jobs.items():
            while True:
                photo = self.farm.get(f"/v1/photos/{upload['photo_id']}")
                if photo["complete"]:
                    break
                self.assertLess(time.time(), deadline, f"photo {number} is not complete: {photo.get('failed')}")
                time.sleep(0.1)
            self.assertEqual(photo["manifest"]["revision"], 1, "committed once")
            self.assertEqual(len(photo["manifest"]["variants"]), 4)
            for variant in photo["manifest"]["variants"]:
                status, body = self.farm.request("GET", f"/v1/photos/{upload['photo_id']}/variants/{variant['name']}")
                self.assertEqual((status, len(body)), (200, variant["bytes"]))
            status, body = self.farm.request("GET", f"/v1/photos/{upload['photo_id']}/original")
            self.assertEqual(body, self.contents[number], "the original is what was uploaded")
        listed = self.farm.get("/v1/photos?limit=1000")["photos"]
        self.assertEqual(len(listed), len(self.jobs), "each upload is one photo")

    def test_the_farm(self):
        for _ in range(KILLS):
            self.upload_some()
            time.sleep(self.random.uniform(0, 0.6))
            self.farm.kill()
            self.assertEqual(e2e.descendants(self.farm.process.pid), {}, "nobody survives the farm")
            self.farm.start()
        self.check_all()

    def kill_below(self, wanted):
        for _ in range(KILLS):
            self.upload_some()
            time.sleep(self.random.uniform(0, 0.5))
            deadline = time.time() + 60  # it may be down after the last kill, and on its way back
            while not (victims := [pid for pid, command in e2e.descendants(self.farm.process.pid).items() if wanted(command)]):
                self.assertLess(time.time(), deadline, "there is nobody to kill")
                time.sleep(0.02)
            try:
                os.kill(self.random.choice(victims), signal.SIGKILL)
            except ProcessLookupError:
                pass  # it ended by itself in between
        self.check_all()
        self.assertIsNone(self.farm.process.poll(), "the farm itself went on")

    def test_a_child(self):
        self.kill_below(lambda command: "sandbox-zygote" in command)

    def test_nats_server(self):
        self.kill_below(lambda command: "nats-server" in command)

    def test_a_queue_that_is_deleted_is_rebuilt(self):
        self.upload_some()
        self.upload_some()
        self.farm.kill()
        shutil.rmtree(self.farm.data / "nats")
        self.farm.start()
        self.check_all()

    def test_compress_is_whole_after_kills_and_running_again(self):
        out = self.work / "out"
        command = [e2e.TINTYPE, "compress", str(self.work / "photos"), "--out", str(out), "--recipe", "web-webp", "--json"]
        for _ in range(4):
            run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(self.random.uniform(1.0, 3.0))
            run.kill()
            run.wait()
        result = self.compress(self.work / "photos", "--out", out, "--recipe", "web-webp")
        self.assertEqual(result["summary"]["done"], len(self.contents), result["failures"])
        for photo in result["photos"]:
            for variant in photo["variants"]:
                self.assertEqual((out / photo["place"] / variant["name"]).stat().st_size, variant["bytes"])


class DeadLetters(e2e.FarmTest):
    def letters(self, farm, holds):
        """The dead letters, once they are as wanted: a job is marked as failed before it is buried."""
        deadline = time.time() + 60
        while not holds(letters := farm.get("/v1/dead")["dead"]) and time.time() < deadline:
            time.sleep(0.05)
        return letters

    def test_replay_one_second_after_the_dead_letter_works(self):
        farm = e2e.Farm(self.work / "farm").start()
        self.addCleanup(farm.stop)
        upload = farm.upload("broken.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 100)
        job = farm.wait_for_job(upload["job_id"])
        self.assertEqual(job["state"], "failed")
        self.assertIn(job["failure"]["code"], ("truncated_image", "corrupt_image"))
        letters = self.letters(farm, lambda letters: len(letters) == 1)
        self.assertEqual(len(letters), 1)
        time.sleep(1)
        status, body = farm.request("POST", f"/v1/dead/{letters[0]['sequence']}/replay", b"")
        self.assertEqual(status, 202, body)
        deadline = time.time() + 120
        while True:
            job = farm.get(f"/v1/jobs/{upload['job_id']}")
            if job["state"] == "failed" and len(job["attempts"]) == 2:
                break
            self.assertLess(time.time(), deadline, job)
            time.sleep(0.1)
        first = letters[0]["sequence"]
        letters = self.letters(farm, lambda letters: [letter["sequence"] > first for letter in letters] == [True])
        self.assertEqual([letter["deliveries"] for letter in letters], [1], "the old letter went, a new one came")
        explain = farm.get(f"/v1/jobs/{upload['job_id']}/explain")
        self.assertEqual(explain["attempts"][0]["decisions"][0]["task"], "probe")


if __name__ == "__main__":
    unittest.main(verbosity=2)
