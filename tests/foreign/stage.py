# SPDX-License-Identifier: MIT
"""A roused in a directory of its own, and what talks to it.

For tests that let rouse meet software that is not rouse's. Standard library
only. Everything that was started is stopped by its own process id.
"""
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build", "plain"))
TOPIC = "com.apple.mgmt.External.6f1d7a52-0d1c-4a57-9d5e-2f6f0b8e7c11"
SKIPPED = 77  # the exit code of a test whose software is not here


def skip(why):
    """Before any test has begun: unittest takes an exit for an error."""
    print(f"skipped: {os.path.basename(sys.argv[0])}: {why}")
    sys.exit(SKIPPED)


def program(name):
    folder = "server" if name in ("rouse", "roused") else "bench"
    return os.path.join(BUILD, folder, name)


def wait_for(what, is_there, seconds=120):
    end = time.monotonic() + seconds
    while not is_there():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.02)


class Stage:
    """with Stage() as stage: a temporary directory, a PKI, a roused."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="rouse-foreign-")
        self.processes = []
        self.socket = os.path.join(self.dir, "rouse.sock")
        self.log = os.path.join(self.dir, "roused.log")
        self.pki = os.path.join(self.dir, "pki")
        subprocess.run([program("rouse-sim"), "pki", self.pki, "--topic", TOPIC],
                       check=True, stdout=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()
        if kind is not None and os.path.exists(self.log):
            with open(self.log) as log:
                sys.stderr.writelines(log.readlines()[-20:])
        shutil.rmtree(self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def start(self, command, **more):
        process = subprocess.Popen(command, **more)
        self.processes.append(process)
        return process

    def roused(self, port, *options):
        """Start roused towards APNs on this port, and import the certificate."""
        with open(self.log, "a") as log:
            self.start([program("roused"), "--state-dir", self.path("state"),
                        "--socket", self.socket, "--apns-host", "127.0.0.1",
                        "--apns-port", str(port), "--apns-fallback-port", "0",
                        "--apns-ca-file", os.path.join(self.pki, "ca.pem"),
                        *options], stderr=log, stdout=log)
        wait_for("roused", self.is_ready)
        self.rouse("cert", "import", os.path.join(self.pki, TOPIC + ".pem"),
                   "--apple-account", "mdm@example.com")

    def is_ready(self):
        with open(self.log) as log:
            return "event=ready" in log.read()

    def rouse(self, *words, text=None, may_fail=False):
        done = subprocess.run([program("rouse"), "--socket", self.socket, *words],
                              input=text, capture_output=True, text=True)
        if done.returncode != 0 and not may_fail:
            raise AssertionError(f"rouse {' '.join(words)}: {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}")
        return done.stdout

    def enroll(self, n):
        """Enrollments D0… whose tokens begin with their number, and are new."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        lines = "".join(
            json.dumps({"id": f"D{i}", "topic": TOPIC, "push_magic": f"magic-{i}",
                        "token": f"{i:08x}" + "5a" * 28, "token_updated_at": now}) + "\n"
            for i in range(n))
        self.rouse("enrollment", "import", "-", text=lines)

    def status(self):
        return json.loads(self.rouse("status", "--json"))


class NodeApns:
    """apns.mjs as a process; its scenario and its ledger."""

    def __init__(self, stage, **scenario):
        node = shutil.which("node")
        self.ledger_file = stage.path("ledger.json")
        pki = stage.pki
        self.process = stage.start(
            [node, os.path.join(os.path.dirname(__file__), "apns.mjs"),
             os.path.join(pki, "server.key"), os.path.join(pki, "server.pem"),
             os.path.join(pki, "ca.pem"), json.dumps(scenario), self.ledger_file],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]

    def tell(self, command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def scenario(self, **scenario):
        self.tell(scenario)

    def ledger(self):
        self.tell({"ledger": True})
        with open(self.ledger_file) as file:
            ledger = json.load(file)
        assert ledger["complaints"] == {}, ledger["complaints"]
        return ledger
