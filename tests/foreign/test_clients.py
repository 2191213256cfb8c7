#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""curl and h2load as clients: of rouse-sim by HTTP/2, of roused by HTTP/1.1."""
import json
import os
import re
import shutil
import subprocess
import unittest

from stage import TOPIC, Stage, program

TOKEN = "11" * 32
HEADERS = {"apns-topic": TOPIC, "apns-push-type": "mdm", "apns-priority": "10",
           "apns-expiration": "0"}
BODY = '{"mdm":"magic"}'


def headers(**other):
    named = HEADERS | {k.replace("_", "-"): v for k, v in other.items()}
    return [w for k, v in named.items() for w in ("-H", f"{k}: {v}")]


class Simulator(unittest.TestCase):
    """What an APNs client sees of rouse-sim."""

    def setUp(self):
        self.stage = self.enterContext(Stage())

    def start(self, *options):
        sim = self.stage.start(
            [program("rouse-sim"), "--pki", self.stage.pki,
             "--ledger", self.stage.path("ledger"), *options],
            stdout=subprocess.PIPE, text=True)
        self.port = json.loads(sim.stdout.readline())["port"]

    def curl(self, *words, cert=True, path="/3/device/" + TOKEN):
        pki = self.stage.pki
        command = ["curl", "-sS", "--http2-prior-knowledge", "-i",
                   "--cacert", os.path.join(pki, "ca.pem"), "-d", BODY, *words,
                   f"https://localhost:{self.port}{path}"]
        if cert:
            command += ["--cert", os.path.join(pki, TOPIC + ".pem")]
        done = subprocess.run(command, capture_output=True)
        return done.returncode, done.stdout.decode()

    def answer(self, *words, **more):
        code, out = self.curl(*words, **more)
        self.assertEqual(code, 0, out)
        head, _, body = out.partition("\r\n\r\n")
        return int(head.split()[1]), head, body

    def test_a_push_by_curl_is_accepted(self):
        self.start()
        status, head, body = self.answer(*headers())
        self.assertEqual((status, body), (200, ""))
        self.assertRegex(head, r"apns-id: [0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")

    def test_what_apple_refuses_is_refused(self):
        self.start()
        for words, expected in (
                (headers(apns_topic="com.apple.mgmt.External.other"),
                 (400, "TopicDisallowed")),
                (headers(apns_push_type="alert"), (400, "InvalidPushType")),
                (headers(apns_priority="7"), (400, "BadPriority")),
                (headers(apns_expiration="soon"), (400, "BadExpirationDate")),
                (headers() + ["-d", "x" * 5000], (413, "PayloadTooLarge"))):
            status, _, body = self.answer(*words)
            self.assertEqual((status, json.loads(body)["reason"]), expected)
        status, _, body = self.answer(*headers(), path="/3/device/xyz")
        self.assertEqual((status, json.loads(body)["reason"]),
                         (400, "BadDeviceToken"))

    def test_no_client_certificate_no_answer(self):
        self.start()
        code, out = self.curl(*headers(), cert=False)
        self.assertNotEqual(code, 0, out)

    def test_h2load_gets_an_answer_to_each_request(self):
        if shutil.which("h2load") is None:
            self.skipTest("h2load is not installed")
        self.start("--mode", "null", "--anonymous")
        body = self.stage.path("body")
        with open(body, "w") as file:
            file.write(BODY)
        out = subprocess.run(
            ["h2load", "-n", "20000", "-c", "4", "-m", "100", "-d", body,
             *headers(), f"https://127.0.0.1:{self.port}/3/device/{TOKEN}"],
            capture_output=True, text=True, check=True).stdout
        self.assertIn("20000 succeeded, 0 failed, 0 errored", out)
        self.assertIn("status codes: 20000 2xx", out)


class Api(unittest.TestCase):
    """What h2load and curl see of roused's API."""

    def setUp(self):
        self.stage = self.enterContext(Stage())
        sim = self.stage.start([program("rouse-sim"), "--pki", self.stage.pki],
                               stdout=subprocess.PIPE, text=True)
        self.stage.roused(json.loads(sim.stdout.readline())["port"],
                          "--listen", "127.0.0.1:0")
        with open(self.stage.log) as log:
            self.port = re.search(r"127\.0\.0\.1:(\d+)", log.read())[1]
        out = self.stage.rouse("key", "create", "h2load", "--verbs",
                               "read,checkin,wake", "--json")
        self.key = json.loads(out)["key"]

    def h2load(self, path, *words):
        if shutil.which("h2load") is None:
            self.skipTest("h2load is not installed")
        out = subprocess.run(
            ["h2load", "--h1", *words, "-H", f"authorization: Bearer {self.key}",
             f"http://127.0.0.1:{self.port}{path}"],
            capture_output=True, text=True, check=True).stdout
        return re.search(r"requests: .*", out)[0], \
            re.search(r"status codes: .*", out)[0]

    def test_reads_on_many_connections(self):
        self.stage.enroll(100)
        requests, statuses = self.h2load("/v1/enrollments/D7", "-n", "20000",
                                         "-c", "128")
        self.assertIn("20000 succeeded, 0 failed, 0 errored", requests)
        self.assertIn("20000 2xx", statuses)

    def test_wakes_on_many_connections(self):
        self.stage.enroll(100)
        body = self.stage.path("body")
        with open(body, "w") as file:
            file.write('{"ids":["D7"]}')
        requests, statuses = self.h2load(
            "/v1/wakes", "-n", "5000", "-c", "64", "-d", body,
            "-H", "content-type: application/json")
        self.assertIn("5000 succeeded, 0 failed, 0 errored", requests)
        self.assertIn("5000 2xx", statuses)

    def test_nanomdms_push_by_curl(self):
        self.stage.enroll(10)
        out = subprocess.run(
            ["curl", "-sS", "-u", f"nanomdm:{self.key}",
             f"http://127.0.0.1:{self.port}/v1/push/D1,D2,nobody"],
            capture_output=True, text=True, check=True).stdout
        status = json.loads(out)["status"]
        self.assertIn("push_result", status["D1"])
        self.assertIn("push_result", status["D2"])
        self.assertIn("push_error", status["nobody"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
