# SPDX-License-Identifier: MIT
"""Every target: what was wanted, what came, whether it is met."""

import statistics

from .senders import PEERS

# A load of one kind is not compared with the load of another.
RTT_MS, RTT_CONNECTIONS = 50, (1, 4, 8)
GROWTH = (10_000, 100_000, 1_000_000, 10_000_000)
MILLION = 1_000_000


def middle(values):
    return statistics.median(list(values))


def spread(values, digits=2):
    """Median (lowest–highest), or the one value that there is."""
    values = list(values)
    words = [f"{v:,.{digits}f}" for v in (middle(values), min(values), max(values))]
    return words[0] if len(values) == 1 else f"{words[0]} ({words[1]}–{words[2]})"


def ratios(runs, name, to, key="cpu_us"):
    """Of the pairs in which both ran, in their order."""
    others = {run["pair"]: run for run in runs.get(to, [])}
    return [run[key] / others[run["pair"]][key]
            for run in runs.get(name, []) if run["pair"] in others]


class Judge:
    def __init__(self):
        self.rows = []

    def _add(self, text, values, unit, is_met, why, digits):
        if not isinstance(values, list):
            values = [values]
        values = [v for v in values if v is not None]
        row = {"target": text, "values": values, "value": None, "met": None,
               "shown": f"not measured{f': {why}' if why else ''}"}
        if values:
            row["value"] = middle(values)
            row["shown"] = spread(values, digits) + unit
            row["met"] = bool(is_met(row["value"]))
        self.rows.append(row)

    def at_most(self, text, values, limit, unit="", why="", digits=2):
        self._add(text, values, unit, lambda v: v <= limit, why, digits)

    def at_least(self, text, values, limit, unit="", why="", digits=2):
        self._add(text, values, unit, lambda v: v >= limit, why, digits)


def _send(judge, data):
    runs, skipped = data["runs"], data["skipped"]
    judge.at_most("`send`: CPU per push ≤ 0.5 × h2load's per request",
                  ratios(runs, "rouse send", "h2load"), 0.5, " ×", skipped.get("h2load"))
    judge.at_most("`send`: CPU per push ≤ 1.3 × `floor`",
                  ratios(runs, "rouse send", "floor"), 1.3, " ×")
    for name in PEERS:
        asked = name in data["options"]["peers"]
        judge.at_least(f"{name} uses ≥ 5 × rouse's CPU per push",
                       ratios(runs, name, "rouse send"), 5, " ×",
                       skipped.get(name, "its driver failed" if asked else "not asked for"),
                       digits=1)
    for connections in RTT_CONNECTIONS:
        judge.at_least(
            f"`send`, {RTT_MS} ms round trip, {connections} × 1000 streams: ≥ 95 % of the ideal",
            [100 * row["share"] for row in data["rtt"]
             if row["rtt_ms"] == RTT_MS and row["connections"] == connections], 95, " %",
            digits=1)


def _fleet(judge, data):
    fleet, growth = data["fleet"], data["growth"]
    size = f"{fleet['enrollments']:,}"
    judge.at_least(f"`fleet` of {size}: durable wakes/s ≥ h2load's requests/s",
                   fleet["ratios"], 1, " ×", data["skipped"].get("h2load"), digits=3)
    judge.at_most(f"`fleet` of {size}: memory of the wave ≤ 64 MiB",
                  [run["peak_kib"] / 1024 for run in fleet["runs"]], 64, " MiB", digits=1)
    judge.at_most(f"import of {size} < 15 s",
                  [run["import"] for run in fleet["runs"]], 15, " s", digits=1)
    costs = [row["cpu_us"] for row in growth]
    if len(costs) > 1:
        off = 100 * (max(costs) - min(costs)) / (max(costs) + min(costs))
        judge.at_most(f"cost per wake flat, ± 15 %, from {growth[0]['enrollments']:,} to "
                      f"{growth[-1]['enrollments']:,} enrollments", [off], 15, " %", digits=1)
    for size in GROWTH:
        if size not in [row["enrollments"] for row in growth]:
            judge.at_most(f"cost per wake flat, ± 15 %, up to {size:,} enrollments", [], 15,
                          why=f"--growth {data['options']['growth']}")


def _daemon(judge, data):
    for kind, words in (("alone", ""), ("busy", " while a wave runs at full speed")):
        runs = data["wake"][kind]
        # Until the push is written; how long APNs took to answer is not ours.
        for name, key, limit in (("median", "own_p50", 3), ("p99", "own_p99", 15)):
            judge.at_most(f"`wake`{words}: durable and written to APNs, {name} < {limit} ms",
                          [run[key] / 1e3 for run in runs], limit, " ms")
    judge.at_least("`ingest`: ≥ 20,000 durable TokenUpdates/s in bulk",
                   data["ingest"]["bulk"], 20000, "/s", digits=0)
    judge.at_least("`ingest`: ≥ 5,000 single check-ins/s from 64 clients",
                   data["ingest"]["single"], 5000, "/s", digits=0)
    idle = data["idle"]
    judge.at_most("memory idle ≤ 16 MiB", [idle["idle_rss"]], 16, " MiB", digits=1)
    judge.at_most("memory of an idle connection with its identity ≤ 60 KiB",
                  [idle["per_identity"]], 60, " KiB", digits=1)
    # Fewer than that say nothing of so many: they are not multiplied.
    judge.at_most("memory of 500 identities with an idle connection each ≤ 64 MiB",
                  [idle["all_rss"]] if idle["n"] >= 500 else [], 64, " MiB",
                  f"--identities {idle['n']}", digits=1)


def judge_all(data):
    judge = Judge()
    _send(judge, data)
    _fleet(judge, data)
    _daemon(judge, data)
    judge.at_least("simulator: `null` ≥ 1.3 × as cheap per push as the sender",
                   data["sim"]["null"], 1.3, " ×")
    judge.at_most("simulator: `strict` no dearer per push than the sender",
                  data["sim"]["strict"], 1, " ×")
    return judge.rows
