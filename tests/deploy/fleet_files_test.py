"""The files for real fleets (deploy/fleet) are what those who read them take: systemd, compose, nginx, nats-server and tintype itself.
fleet_files_test.py TINTYPE"""

import configparser
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

TINTYPE = Path(sys.argv.pop()).resolve()
FLEET = Path(__file__).resolve().parents[2] / "deploy/fleet"
needs = lambda program: unittest.skipUnless(shutil.which(program), f"{program} is not installed")


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def seconds(text):
    return int(re.fullmatch(r"(\d+)s?", str(text))[1])


def drain_of(kind):
    section = (FLEET / "fleet.toml").read_text().split(f"[{kind}]")[1].split("\n[")[0]
    return int(re.search(r"drain_s = (\d+)", section)[1])


class FleetFiles(unittest.TestCase):
    def setUp(self):
        self.place = Path(tempfile.mkdtemp(prefix="tintype-files-"))
        self.addCleanup(shutil.rmtree, self.place)

    def make_certificate(self):
        names = self.place / "cert.pem", self.place / "cert.key"
        status, said = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                           "-subj", "/CN=test", "-keyout", names[1], "-out", names[0])
        self.assertEqual(status, 0, said)
        return names

    def unit(self, name):
        parser = configparser.ConfigParser(strict=True, interpolation=None)
        parser.optionxform = str
        parser.read(FLEET / f"systemd/{name}.service")
        return parser

    # What a unit and a container start is a command that tintype knows, with options that it knows.
    def check_command(self, words):
        status, said = run(TINTYPE, words[0], "--help")
        self.assertEqual(status, 0, said)
        for word in words[1:]:
            if word.startswith("--"):
                self.assertIn(word, said)
        config = '[nats]\nurls = ["nats://127.0.0.1:4222"]\n'
        for setting in [words[i + 1] for i, word in enumerate(words) if word == "--set"]:
            table, key, value = re.fullmatch(r"(\w+)\.(\w+)=(.*)", setting).groups()
            config += f'[{table}]\n{key} = "{value}"\n'
        (self.place / "fleet.toml").write_text(config)
        status, said = run(TINTYPE, "config", "check", self.place / "fleet.toml")
        self.assertEqual(status, 0, said)

    @needs("systemd-analyze")
    def test_systemd_takes_the_units(self):
        for name in ("tintype-gateway", "tintype-node", "nats-server"):
            text = (FLEET / f"systemd/{name}.service").read_text()
            # It looks for the program, which need not be installed here.
            (self.place / f"{name}.service").write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/sh", text, flags=re.M))
        status, said = run("systemd-analyze", "verify", "--man=no", "--generators=no", *self.place.glob("*.service"))
        self.assertEqual((status, said), (0, ""))

    def test_units_start_what_there_is_and_wait_until_it_has_drained(self):
        for kind in ("gateway", "node"):
            service = self.unit(f"tintype-{kind}")["Service"]
            program, *words = service["ExecStart"].split()
            self.assertEqual(program, "/usr/local/bin/tintype")
            self.check_command(words)
            self.assertGreater(seconds(service["TimeoutStopSec"]), drain_of(kind))
            self.assertEqual((service["Restart"], service["User"]), ("always", "tintype"))

    def test_containers_start_what_there_is_and_wait_until_it_has_drained(self):
        compose = yaml.safe_load((FLEET / "compose.yaml").read_text())
        self.assertTrue((FLEET / compose["x-process"]["build"]["context"] / compose["x-process"]["build"]["dockerfile"]).exists())
        for kind, service in compose["services"].items():
            words = service["command"].split()
            self.assertEqual(words[0], kind)
            self.check_command(words)
            self.assertGreater(seconds(service["stop_grace_period"]), drain_of(kind))
            for volume in service["volumes"]:
                source = volume.split(":")[0]
                self.assertTrue(source.startswith("/etc/") or source in compose["volumes"], volume)

    @needs("nginx")
    def test_nginx_takes_its_file(self):
        certificate, key = self.make_certificate()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        text = (FLEET / "nginx.conf").read_text()
        text = text.replace("/etc/nginx/tls/chain.pem", str(certificate)).replace("/etc/nginx/tls/key.pem", str(key))
        text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl").replace("listen [::]:443 ssl;", "")
        folders = "".join(f"{kind}_temp_path {self.place}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.place / "nginx.conf").write_text(
            f"pid {self.place}/pid; events {{}} http {{ access_log off; {folders} include {self.place}/fleet.conf; }}")
        (self.place / "fleet.conf").write_text(text)
        status, said = run("nginx", "-t", "-e", self.place / "log", "-c", self.place / "nginx.conf")
        self.assertEqual(status, 0, said)

    @needs("nats-server")
    def test_nats_server_takes_its_file(self):
        certificate, key = self.make_certificate()
        text = (FLEET / "nats-server.conf").read_text()
        for name, path in (("server.pem", certificate), ("server.key", key), ("ca.pem", certificate)):
            text = text.replace(f"/etc/nats/{name}", str(path))
        (self.place / "nats.conf").write_text(text.replace("/var/lib/nats", str(self.place)))
        status, said = run("nats-server", "--config", self.place / "nats.conf", "-t")
        self.assertEqual(status, 0, said)


if __name__ == "__main__":
    unittest.main()
