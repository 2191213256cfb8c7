# SPDX-License-Identifier: MIT
"""What machine this is, and what else it had to do meanwhile."""

import contextlib
import os
import platform
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")
# In cores. A quiet machine's own threads stay below it.
FOREIGN = 0.1
BEFORE_S = 3


def _busy():
    """Seconds that all cores worked, or were taken from us."""
    with open("/proc/stat") as stat:
        ticks = [int(word) for word in stat.readline().split()[1:9]]
    user, nice, system, _idle, _iowait, irq, softirq, steal = ticks
    return (user + nice + system + irq + softirq + steal) / TICK


def _ours():
    """Seconds of them that this process and its ended children used."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def process_cpu(pid):
    """CPU seconds of a running process, exact: what clock_getcpuclockid gives."""
    return time.clock_gettime((~pid << 3) | 2)


class Watch:
    """Every step of a run, with how much of the machine others used in it."""

    def __init__(self):
        self.began = time.monotonic()
        self.steps = []
        self.before = None

    def say(self, text):
        seconds = int(time.monotonic() - self.began)
        print(f"[{seconds // 60:02}:{seconds % 60:02}] {text}", flush=True)

    def look_before(self):
        """How busy others are while nothing of ours runs."""
        with self.step("before") as step:
            time.sleep(BEFORE_S)
        self.before = {"cores": step["foreign"], "load": os.getloadavg()[0]}
        self.steps.clear()

    @contextlib.contextmanager
    def step(self, name):
        """The children that it starts must have ended when it ends."""
        step = {"name": name}
        wall, busy, ours = time.monotonic(), _busy(), _ours()
        yield step
        step["seconds"] = time.monotonic() - wall
        step["foreign"] = max(0, (_busy() - busy) - (_ours() - ours)) / step["seconds"]
        step["load"] = os.getloadavg()[0]
        step["is_noisy"] = step["foreign"] > FOREIGN
        self.steps.append(step)
        self.say(f"{name}: {step['seconds']:.0f} s"
                 + (f", others used {step['foreign']:.2f} cores" if step["is_noisy"] else ""))

    def is_noisy(self, name):
        return any(step["is_noisy"] for step in self.steps if step["name"] == name)

    def summary(self):
        cores = [step["foreign"] for step in self.steps] or [0]
        return {"before": self.before, "steps": self.steps, "limit": FOREIGN,
                "mean": sum(s["foreign"] * s["seconds"] for s in self.steps)
                / (sum(s["seconds"] for s in self.steps) or 1),
                "worst": max(cores)}


def describe():
    model = "unknown"
    with open("/proc/cpuinfo") as cpus:
        for line in cpus:
            if line.startswith("model name"):
                model = line.split(":")[1].strip()
                break
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release()}


def versions(root):
    def first(*words):
        try:
            done = subprocess.run(words, stdout=subprocess.PIPE, text=True, cwd=root,
                                  stderr=subprocess.STDOUT)
        except FileNotFoundError:
            return "–"
        return done.stdout.strip().splitlines()[0] if done.stdout.strip() else "–"
    changed = first("git", "status", "--porcelain", "--untracked-files=no")
    return {"commit": first("git", "rev-parse", "--short", "HEAD")
            + ("" if changed == "–" else ", changed"),
            "nghttp2": first("pkg-config", "--modversion", "libnghttp2"),
            "openssl": first("pkg-config", "--modversion", "openssl"),
            "sqlite": first("pkg-config", "--modversion", "sqlite3"),
            "compiler": first("cc", "--version"),
            "h2load": first("h2load", "--version")}
