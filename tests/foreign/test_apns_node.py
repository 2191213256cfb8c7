#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""roused against an APNs on Node's HTTP/2: another stack, other habits."""
import json
import shutil
import unittest

from stage import NodeApns, Stage, skip, wait_for

N = 3000


def counts(ledger, what):
    return [token[what] for token in ledger["tokens"].values()]


class ApnsOnNode(unittest.TestCase):
    def setUp(self):
        self.stage = self.enterContext(Stage())

    def begin(self, *options, n=N, **scenario):
        self.apns = NodeApns(self.stage, **scenario)
        self.stage.roused(self.apns.port, *options)
        self.stage.enroll(n)

    def wake_all(self, may_fail=False):
        """One wave; its counts when it is over."""
        out = self.stage.rouse("wake", "--all", "--wait", "--timeout", "120s",
                               "--json", may_fail=may_fail)
        return json.loads(out.strip().splitlines()[-1])

    def each_is_accepted(self, most=1, n=N):
        ledger = self.apns.ledger()
        accepted = counts(ledger, "accepted")
        self.assertEqual(len(accepted), n)
        self.assertGreaterEqual(min(accepted), 1)
        self.assertLessEqual(max(accepted), most)
        return ledger

    def test_every_device_is_woken_once(self):
        self.begin()
        self.wake_all()
        self.each_is_accepted()

    def test_few_streams_are_enough(self):
        self.begin(streams=10)
        self.wake_all()
        self.each_is_accepted()

    def test_goaway_loses_and_repeats_nothing(self):
        self.begin(goaway=500)
        self.wake_all()
        self.each_is_accepted()

    def test_cut_connections_lose_nothing_and_repeat_little(self):
        self.begin(destroy=400)
        self.stage.rouse("wake", "--all")
        wait_for("every device", lambda: sum(
            n > 0 for n in counts(self.apns.ledger(), "accepted")) == N)
        pushed = [t["accepted"] + t["dropped"]
                  for t in self.apns.ledger()["tokens"].values()]
        self.assertLessEqual(max(pushed), 3)

    def test_a_mute_connection_is_left(self):
        self.begin("--apns-deadline-ms", "8000", n=600, mute=1)
        self.wake_all(may_fail=True)
        self.each_is_accepted(n=600)

    def test_a_token_that_kills_connections_costs_the_others_nothing(self):
        self.begin(poison=1234)
        self.stage.rouse("wake", "--all")

        def others():
            return [c for t, c in self.apns.ledger()["tokens"].items()
                    if not t.startswith("000004d2")]
        wait_for("all others", lambda: sum(
            c["accepted"] > 0 for c in others()) == N - 1)
        self.assertLessEqual(
            max(c["accepted"] + c["dropped"] for c in others()), 3)

    def test_a_run_of_stale_tokens_is_marked_and_stops_nothing(self):
        bad = {"from": 1000, "to": 1149, "status": 400,
               "reason": "BadDeviceToken"}
        self.begin(answers=[bad])
        self.wake_all(may_fail=True)
        self.each_state({"enabled": N - 150, "suspect": 150})
        accepted = counts(self.apns.ledger(), "accepted")
        self.assertEqual(sum(accepted), N - 150)

    def test_a_wrong_environment_stops_and_accuses_nobody(self):
        self.begin(answers=[{"from": 0, "to": 1 << 31, "status": 400,
                             "reason": "BadDeviceToken"}])
        self.stage.rouse("wake", "--all")
        wait_for("the certificate to stop",
                 lambda: "wrong_environment" in self.stage.rouse("status"))
        self.each_state({"enabled": N})
        refused = sum(counts(self.apns.ledger(), "refused"))
        self.assertLess(refused, 2500)  # of one or two windows in flight

    def each_state(self, expected):
        lines = self.stage.rouse("enrollment", "export").splitlines()
        states = [json.loads(line)["state"] for line in lines]
        self.assertEqual({s: states.count(s) for s in set(states)}, expected)

    def test_410_is_read_with_its_timestamp(self):
        # 100 ended in 2001, before their TokenUpdate; 100 in 2100, after it.
        old = {"from": 0, "to": 99, "status": 410, "reason": "Unregistered",
               "timestamp": 1000000000000, "times": 1}
        new = {"from": 100, "to": 199, "status": 410, "reason": "Unregistered",
               "timestamp": 4102444800000}
        self.begin(n=400, answers=[old, new])
        self.wake_all(may_fail=True)
        self.each_state({"enabled": 300, "dead": 100})
        ledger = self.apns.ledger()["tokens"]
        for i in range(400):
            token = ledger[f"{i:08x}" + "5a" * 28]
            self.assertEqual((token["accepted"], token["refused"]),
                             (1, 1) if i < 100 else
                             (0, 1) if i < 200 else (1, 0), i)

    def test_429_waits_for_its_retry_after(self):
        self.begin(n=50, answers=[{"from": 0, "to": 9, "status": 429,
                                   "reason": "TooManyRequests",
                                   "retry_after": 600}])
        self.stage.rouse("wake", "--all")
        wait_for("the refusals", lambda: sum(
            counts(self.apns.ledger(), "refused")) >= 10)
        for _ in range(3):
            self.stage.rouse("wake", "D3", may_fail=True)
            self.stage.rouse("wake", "--all")
        wait_for("the last wave", lambda: sum(
            counts(self.apns.ledger(), "accepted")) >= 4 * 40)
        self.assertEqual(sum(counts(self.apns.ledger(), "refused")), 10)


if __name__ == "__main__":
    if shutil.which("node") is None:
        skip("node is not installed")
    unittest.main(verbosity=2)
