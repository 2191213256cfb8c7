# SPDX-License-Identifier: MIT
"""All that was measured, as tables in Markdown."""

from .targets import middle, ratios, spread

VERDICTS = {True: "met", False: "**not met**", None: "–"}


def _table(head, rows):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head),
            *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows), ""]


def _known(runs, key, digits):
    """A dash where it was not counted."""
    values = [run[key] for run in runs if run.get(key) is not None]
    return f"{middle(values):,.{digits}f}" if values else "–"


def _head(data):
    noise, before = data["noise"], data["noise"]["before"]
    noisy = {}
    for step in noise["steps"]:
        if step["is_noisy"]:
            noisy[step["name"]] = max(step["foreign"], noisy.get(step["name"], 0))
    lines = ["# Results", "",
             f"Made by `{data['command']}` on {data['made_at']}, in "
             f"{data['seconds'] / 60:.0f} minutes.", ""]
    lines += [f"- {name}: {value}"
              for name, value in {**data["versions"], **data["machine"]}.items()]
    lines += [f"- other programs before it began: {before['cores']:.2f} cores, load "
              f"{before['load']:.2f}",
              f"- other programs while it ran: {noise['mean']:.2f} cores, at worst "
              f"{noise['worst']:.2f}",
              f"- steps in which others used more than {noise['limit']} cores: "
              + (", ".join(f"{name} ({cores:.2f})" for name, cores in noisy.items())
                 or "none")]
    lines += [f"- skipped: {name}: {why}" for name, why in data["skipped"].items()]
    return lines + [""]


def _targets(data):
    return ["## Targets", "",
            "Median (lowest–highest); what is judged is the median.", "",
            *_table(["target", "measured", ""],
                    [[row["target"], row["shown"], VERDICTS[row["met"]]]
                     for row in data["targets"]])]


def _senders(data):
    options, rows = data["options"], []
    for name, runs in data["runs"].items():
        rows.append([f"{name} {runs[0].get('version', '')}".strip(),
                     spread([r["per_s"] for r in runs], 0) if runs[0]["per_s"] else "–",
                     spread([r["cpu_us"] for r in runs]), _known(runs, "user_us", 2),
                     _known(runs, "system_us", 2), _known(runs, "instructions", 0),
                     _known(runs, "allocations", 3), _known(runs, "rss_mib", 1),
                     sum(r["failed"] for r in runs)])
    return ["## Senders against one simulator", "",
            f"{options['connections']} connection(s) × {options['streams']} streams, "
            f"{options['number']:,} pushes a run, a tenth of it for the libraries; median "
            f"(lowest–highest) of {options['pairs']} pairs. CPU is the sender's alone. "
            "`floor` is nghttp2 in memory: it has no socket and no TLS. aioapns has at most "
            "50 streams, and a strict simulator.", "",
            *_table(["sender", "pushes/s", "CPU per push, µs", "user", "system",
                     "instructions", "allocations", "peak memory, MiB", "failed"], rows)]


def _pairs(data):
    runs = data["runs"]
    others = [name for name in runs if name != "rouse send"]
    costs = {name: {run["pair"]: run["cpu_us"] for run in runs[name]} for name in runs}
    rows = []
    for run in runs["rouse send"]:
        pair = run["pair"]
        step = next(s for s in data["noise"]["steps"]
                    if s["name"].startswith(f"pair {pair} of "))
        rows.append([f"{pair}{' (disturbed)' if run['is_noisy'] else ''}",
                     f"{step['foreign']:.2f}", f"{step['load']:.2f}",
                     *(f"{costs[n][pair] / run['cpu_us']:.2f}" if pair in costs[n] else "–"
                       for n in others)])
    rows.append(["median (lowest–highest)", "", "",
                 *(spread(ratios(runs, name, "rouse send")) for name in others)])
    return ["## Pair by pair", "",
            "How many times rouse's CPU per push each of them uses. A pair in which other "
            f"programs used more than {data['noise']['limit']} cores is marked.", "",
            *_table(["pair", "others, cores", "load", *others], rows)]


def _waves(data):
    fleet = data["fleet"]
    rows = []
    for turn, run in enumerate(fleet["runs"]):
        step = next(s for s in data["noise"]["steps"]
                    if s["name"].startswith(f"wave {turn + 1} of "))
        load = fleet["h2load"][turn]["per_s"] if fleet["h2load"] else None
        rows.append([f"{turn + 1}{' (disturbed)' if step['is_noisy'] else ''}",
                     f"{run['per_s']:,.0f}", f"{load:,.0f}" if load else "–",
                     f"{run['per_s'] / load:.2f}" if load else "–", f"{run['cpu_us']:.2f}",
                     f"{run['user_us_per']:.2f}", f"{run['system_us_per']:.2f}",
                     f"{run['peak_kib'] / 1024:.1f}", f"{run['import']:.1f}", run["failed"]])
    return [f"## A durable wave over {fleet['enrollments']:,}, in turns with h2load", "",
            *_table(["turn", "wakes/s", "h2load, requests/s", "ratio", "CPU per wake, µs",
                     "user", "system", "peak memory, MiB", "import, s", "failed"], rows),
            "## A durable wave against the size of the fleet", "",
            "Imported in the order of the ids, which real ones do not have: the import is "
            "quicker than that, the wave is the same.", "",
            *_table(["enrollments", "wakes/s", "CPU per wake, µs", "peak memory, MiB",
                     "import, s"],
                    [[f"{g['enrollments']:,}", f"{g['per_s']:,.0f}", spread(g["all_cpu_us"]),
                      f"{g['rss_mib']:.1f}", f"{g['import_s']:.1f}"] for g in data["growth"]])]


def _latency(row, scale=1e3):
    return [f"{row[q] / scale:,.2f}" for q in ("p50", "p90", "p99", "p99.9", "max")]


def _times(data):
    quantiles = ["p50", "p90", "p99", "p99.9", "max"]
    wakes = [[f"{kind}, run {i + 1}", *_latency(run), f"{run['own_p50'] / 1e3:.2f}",
              f"{run['own_p99'] / 1e3:.2f}", run["failed"]]
             for kind in ("alone", "busy") for i, run in enumerate(data["wake"][kind])]
    return ["## One wake through the API, ms", "",
            "Until APNs has accepted it; then, without the time that APNs (here the simulator) "
            "took to answer.", "",
            *_table(["", *quantiles, "own p50", "own p99", "failed"], wakes),
            "## Round trip", "",
            *_table(["ms", "connections", "pushes/s", "of the ideal"],
                    [[r["rtt_ms"], r["connections"], f"{r['per_s']:,.0f}",
                      f"{100 * r['share']:.1f} %"] for r in data["rtt"]]),
            "## Latency against load, ms", "",
            *_table(["in flight", "pushes/s", *quantiles],
                    [[r["streams"], f"{r['per_s']:,.0f}", *_latency(r)]
                     for r in data["load"]])]


def write(data):
    lines = (_head(data) + _targets(data) + _senders(data) + _pairs(data) + _waves(data)
             + _times(data))
    return "\n".join(lines)
