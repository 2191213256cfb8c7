# SPDX-License-Identifier: MIT
"""Who sends: rouse, h2load, the floor, and the peers with their drivers."""

import json
import os
import re
import shutil
import subprocess
import sys
import time

from . import machine

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build", "bench")
BENCH = os.path.join(BUILD, "bench", "rouse-bench")
SIM = os.path.join(BUILD, "bench", "rouse-sim")
TOPIC = "com.apple.mgmt.External.rouse-bench"
TOKEN = "00112233445566778899aabbccddeeff" * 2
PEERS = ["apns2", "pushy", "node-apn", "a2", "aioapns"]
# What a peer can hold in flight without failing by itself.
PEER_STREAMS = {"aioapns": 50}
# It waits for its own apns-id, which the simulator echoes in this mode only.
PEER_MODE = {"aioapns": "strict"}
PEER_SHARE = 10  # of the pushes: peers cost many times as much
PEER_TIMEOUT_S = 300


def build(say):
    """Build what is shipped: Release. What is missing is installed if it can be."""
    subprocess.run([os.path.join(ROOT, "deploy", "install-packages"), "bench"])
    os.makedirs(BUILD, exist_ok=True)
    with open(BUILD + ".log", "w") as log:
        for command in (
            ["cmake", "-S", ROOT, "-B", BUILD, "-G", "Ninja",
             "-DCMAKE_BUILD_TYPE=Release", "-DROUSE_TESTS=OFF"],
            ["ninja", "-C", BUILD, "rouse-bench", "rouse-sim", "roused"],
        ):
            if subprocess.run(command, stdout=log, stderr=log).returncode:
                sys.exit(f"compare: the build failed; see {log.name}")
    say("built")


class Simulator:
    """One rouse-sim, and the CPU time that it used."""

    def __init__(self, pki, streams, mode="null"):
        words = [SIM, "--pki", pki, "--mode", mode, "--max-streams", str(streams)]
        if mode == "null":
            words.append("--anonymous")
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.mode = mode
        self.port = json.loads(self.process.stdout.readline())["port"]

    def cpu(self):
        return machine.process_cpu(self.process.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def make_pki(folder):
    subprocess.run([SIM, "pki", folder, "--topic", TOPIC], check=True,
                   stdout=subprocess.DEVNULL)


def rouse_bench(*words):
    """One run of the harness, as its JSON."""
    words = [str(word) for word in words]
    done = subprocess.run([BENCH, *words, "--json"], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"compare: rouse-bench {' '.join(words)} failed")
    result = json.loads(done.stdout)
    result["cpu_us"] = result["user_us_per"] + result["system_us_per"]
    return result


def _from_bench(result):
    return {"per_s": result.get("per_s"), "cpu_us": result["cpu_us"],
            "user_us": result["user_us_per"], "system_us": result["system_us_per"],
            "instructions": result["instructions_per"],
            "allocations": result["allocations_per"],
            "rss_mib": result["peak_kib"] / 1024, "failed": result["failed"]}


def run_send(args, sim, pki):
    return _from_bench(rouse_bench(
        "send", "--number", args.number, "--host", "127.0.0.1",
        "--port", sim.port, "--ca", f"{pki}/ca.pem", "--cert", f"{pki}/{TOPIC}.pem",
        "--connections", args.connections, "--streams", args.streams))


def run_floor(args, sim, pki):
    return _from_bench(rouse_bench("floor", "--number", args.number,
                                   "--streams", args.streams))


def _peak_of(pid):
    """KiB resident at most; 0 when it has ended."""
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def _run_watched(words, seconds=PEER_TIMEOUT_S):
    """Run a program; its output, what it used, and its peak in MiB."""
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.DEVNULL)
    # ru_maxrss would be ours: it is kept across fork and exec.
    until, peak_kib, ended = time.monotonic() + seconds, 0, 0
    while not ended:
        peak_kib = max(peak_kib, _peak_of(process.pid))
        time.sleep(0.02)
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if not ended and time.monotonic() > until:
            process.kill()
    process.returncode = status
    with process.stdout as output:
        return output.read(), usage, peak_kib / 1024


def run_h2load(args, sim, pki, number=None):
    number = number or args.number
    body = f"{pki}/body"
    with open(body, "w") as file:
        file.write('{"mdm":"0B3F8A52-6A3E-4C1D-9B7E-51A0C2F4D6E8"}')
    text, usage, rss_mib = _run_watched(
        ["h2load", "-n", str(number), "-c", str(args.connections),
         "-m", str(args.streams), "-d", body, "-H", f"apns-topic: {TOPIC}",
         "-H", "apns-push-type: mdm", "-H", "apns-priority: 10",
         "-H", "apns-expiration: 1800000000",
         f"https://127.0.0.1:{sim.port}/3/device/{TOKEN}"])
    rate = re.search(r"finished in .*?, ([0-9.]+) req/s", text)
    good = re.search(r"(\d+) succeeded", text)
    if not rate or not good:
        sys.exit(f"compare: h2load failed:\n{text}")
    user, system = usage.ru_utime * 1e6 / number, usage.ru_stime * 1e6 / number
    return {"per_s": float(rate[1]), "failed": number - int(good[1]),
            "cpu_us": user + system, "user_us": user, "system_us": system,
            "rss_mib": rss_mib}


def _run_peer(name):
    driver = os.path.join(ROOT, "build", "peers", name, "driver")

    def run(args, sim, pki):
        if name in PEER_MODE and sim.mode != PEER_MODE[name]:
            with Simulator(pki, args.streams, PEER_MODE[name]) as other:
                return run(args, other, pki)
        number = max(args.number // PEER_SHARE, 1000)
        streams = min(args.streams, PEER_STREAMS.get(name, args.streams))
        text, _, rss_mib = _run_watched(
            [driver, "127.0.0.1", str(sim.port), f"{pki}/{TOPIC}.pem",
             f"{pki}/ca.pem", TOPIC, str(number), str(args.connections),
             str(streams)])
        if not text.strip():
            return None
        line = json.loads(text.strip().splitlines()[-1])
        all_of_it = line["ok"] + line["failed"]
        user = line["user_seconds"] * 1e6 / all_of_it
        system = line["system_seconds"] * 1e6 / all_of_it
        return {"per_s": all_of_it / line["seconds"], "failed": line["failed"],
                "cpu_us": user + system, "user_us": user, "system_us": system,
                "rss_mib": rss_mib, "version": line["version"]}
    return run


def find_senders(args, say):
    """Who is there, by name; and why the others are not."""
    senders, skipped = {"rouse send": run_send, "floor": run_floor}, {}
    if shutil.which("h2load"):
        senders["h2load"] = run_h2load
    else:
        skipped["h2load"] = "it is not installed (package nghttp2-client)"
    for name in args.peers:
        done = subprocess.run([os.path.join(ROOT, "bench/peers/build"), name],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        last = (done.stdout.strip().splitlines() or ["no word why"])[-1]
        if done.returncode == 0:
            senders[name] = _run_peer(name)
        elif done.returncode == 3:
            skipped[name] = last.removeprefix(f"{name}: skipped: ")
        else:
            skipped[name] = f"not built: {last}"
    for name, why in skipped.items():
        say(f"{name}: skipped: {why}")
    return senders, skipped
