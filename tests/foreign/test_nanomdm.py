#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Beside real NanoMDM: devices enroll there, and roused hears of it by its
webhook; a command is queued there without a push, roused wakes the device,
and the device fetches it.
"""
import base64
import http.client
import json
import os
import plistlib
import re
import shutil
import socket
import subprocess
import threading
import unittest
import urllib.parse

from stage import BUILD, TOPIC, Stage, program, skip, wait_for

NANOMDM = "github.com/micromdm/nanomdm/cmd/nanomdm@v0.9.0"
N = 12
COMMAND = {"Command": {"RequestType": "ProfileList"}, "CommandUUID": "C-1"}


def nanomdm():
    """The program, built by Go once; skips where there is none."""
    folder = os.path.join(os.path.dirname(BUILD), "foreign")
    file = os.path.join(folder, "nanomdm")
    if os.path.exists(file):
        return file
    if shutil.which("go") is None:
        skip("go is not installed")
    done = subprocess.run(["go", "install", NANOMDM], capture_output=True,
                          text=True, env=os.environ | {"GOBIN": folder})
    if done.returncode != 0:
        skip("go cannot build NanoMDM: " + done.stderr[-400:])
    return file


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Device:
    """What an enrolled device says to its MDM server."""

    def __init__(self, number, port, cert):
        self.udid = f"00008030-{number:016X}"
        self.serial = f"C02FOREIGN{number:02}"
        self.token = bytes([number]) * 32
        self.port = port
        # As a TLS proxy hands it on; the key stays with the device.
        self.cert = urllib.parse.quote(
            re.search("-----BEGIN CERT.*?END CERTIFICATE-----", cert, re.S)[0])

    def put(self, message, kind="application/x-apple-aspen-mdm-checkin"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("PUT", "/mdm", plistlib.dumps(message | {"UDID": self.udid}),
                           {"Content-Type": kind, "X-Cert": self.cert})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        assert answer.status == 200, (answer.status, body)
        return body

    def enroll(self):
        self.put({"MessageType": "Authenticate", "Topic": TOPIC,
                  "SerialNumber": self.serial})
        self.update()

    def update(self):
        self.put({"MessageType": "TokenUpdate", "Topic": TOPIC, "Token": self.token,
                  "PushMagic": "magic-" + self.udid})

    def check_out(self):
        self.put({"MessageType": "CheckOut", "Topic": TOPIC})

    def connect(self, **answer):
        body = self.put({"Status": "Idle"} | answer, "application/x-apple-aspen-mdm")
        return plistlib.loads(body) if body else None


class BesideNanoMdm(unittest.TestCase):
    def setUp(self):
        self.stage = stage = self.enterContext(Stage())
        topics = [f"com.apple.mgmt.External.device{i}" for i in range(N)]
        for topic in topics:  # an identity of its own for each device
            subprocess.run([program("rouse-sim"), "pki", stage.pki, "--topic", topic],
                           check=True, stdout=subprocess.DEVNULL)
        sim = stage.start([program("rouse-sim"), "--pki", stage.pki],
                          stdout=subprocess.PIPE, text=True)
        secret = stage.path("webhook.key")
        with open(secret, "w") as file:
            file.write("hmac-secret\n")
        stage.roused(json.loads(sim.stdout.readline())["port"],
                     "--listen", "127.0.0.1:0",
                     "--nanomdm-webhook-hmac-key-file", secret)
        with open(stage.log) as log:
            self.api = re.search(r"127\.0\.0\.1:(\d+)", log.read())[1]
        key = json.loads(stage.rouse("key", "create", "nanomdm", "--verbs",
                                     "checkin", "--json"))["key"]
        self.nano_port = free_port()
        self.start_nanomdm(nanomdm(), key)
        self.devices = []
        for i, topic in enumerate(topics):
            with open(os.path.join(stage.pki, topic + ".pem")) as cert:
                self.devices.append(Device(i + 1, self.nano_port, cert.read()))

    def start_nanomdm(self, program_file, key):
        stage = self.stage
        # The webhook's key by the environment: not for everybody in `ps`.
        url = f"http://nanomdm:{key}@127.0.0.1:{self.api}/v1/webhook"
        log = self.enterContext(open(stage.path("nanomdm.log"), "w"))
        stage.start([program_file, "-ca", os.path.join(stage.pki, "ca.pem"),
                     "-storage", "filekv", "-storage-dsn", stage.path("nanomdm"),
                     "-api", "secret", "-cert-header", "X-Cert",
                     "-listen", f"127.0.0.1:{self.nano_port}"],
                    stdout=log, stderr=log,
                    env=os.environ | {"NANOMDM_WEBHOOK_URL": url,
                                      "NANOMDM_WEBHOOK_HMAC_KEY": "hmac-secret"})

        def listens():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.nano_port)) == 0
        wait_for("nanomdm", listens)

    def all_at_once(self, do):
        threads = [threading.Thread(target=do, args=(d,)) for d in self.devices]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def enrollments(self):
        out = self.stage.rouse("enrollment", "export", "--secrets")
        return {e["id"]: e for e in map(json.loads, out.splitlines())}

    def enroll_all(self):
        self.all_at_once(Device.enroll)
        wait_for("all check-ins", lambda: sum(
            e["state"] == "enabled" and e["serial_number"] != ""
            for e in self.enrollments().values()) == N)

    def nano_api(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.nano_port, timeout=120)
        login = base64.b64encode(b"nanomdm:secret").decode()
        connection.request(method, path, body, {"Authorization": "Basic " + login})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body

    def test_devices_that_enroll_at_once_are_all_there(self):
        self.enroll_all()
        held = self.enrollments()
        for device in self.devices:
            mine = held[device.udid]
            self.assertEqual((mine["token"], mine["push_magic"], mine["topic"],
                              mine["serial_number"]),
                             (device.token.hex(), "magic-" + device.udid, TOPIC,
                              device.serial))

    def test_a_queued_command_is_fetched_after_a_wake(self):
        self.enroll_all()
        device = self.devices[3]
        status, body = self.nano_api("PUT", f"/v1/enqueue/{device.udid}?nopush=1",
                                     plistlib.dumps(COMMAND))
        self.assertEqual(status, 200, body)
        out = self.stage.rouse("wake", device.udid, "--wait")
        self.assertIn("1 accepted", out)
        fetched = device.connect()
        self.assertEqual(fetched["CommandUUID"], "C-1")
        self.assertIsNone(device.connect(Status="Acknowledged", CommandUUID="C-1"))

    def test_a_check_out_disables(self):
        self.enroll_all()
        self.devices[5].check_out()
        wait_for("the check-out", lambda: self.enrollments()[
            self.devices[5].udid]["state"] == "disabled")
        self.assertEqual(sum(e["state"] == "enabled"
                             for e in self.enrollments().values()), N - 1)

    def test_a_webhook_without_the_signature_is_refused(self):
        key = json.loads(self.stage.rouse("key", "create", "other", "--verbs",
                                          "checkin", "--json"))["key"]
        connection = http.client.HTTPConnection("127.0.0.1", int(self.api), timeout=120)
        connection.request("POST", "/v1/webhook", '{"topic":"mdm.Connect"}',
                           {"Authorization": "Bearer " + key,
                            "Content-Type": "application/json"})
        self.assertIn(connection.getresponse().status, (401, 403))
        connection.close()


if __name__ == "__main__":
    nanomdm()
    unittest.main(verbosity=2)
