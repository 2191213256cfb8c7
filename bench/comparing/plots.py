# SPDX-License-Identifier: MIT
"""Plots of what was measured: SVG, by gnuplot."""

import os
import shutil
import subprocess

from .targets import RTT_CONNECTIONS, middle

TITLES = {
    "throughput": "Pushes per second against one simulator",
    "cpu": "CPU per push",
    "latency": "Latency against load",
    "rtt": "Throughput against round trip time, 1000 streams a connection",
    "memory": "Peak memory of a durable wave against its fleet",
}
COLOURS = ("#1b6ca8", "#d1495b", "#66a182", "#8d6b94")
BASE = """set terminal svg size 760,440 dynamic background '#ffffff' font 'sans-serif,13'
set border 3 lc rgb '#555555'
set tics nomirror out
set grid ytics lc rgb '#dddddd' lt 1
set key left top Left reverse samplen 2
"""


def _quote(text):
    return "'" + str(text).replace("'", "''") + "'"


def _plot(folder, name, settings, series):
    """series: (words behind `plot '-'`, rows of cells)."""
    lines = [BASE, f"set output {_quote(os.path.join(folder, name + '.svg'))}",
             f"set title {_quote(TITLES[name])} font 'sans-serif,15'", *settings,
             "plot " + ", \\\n  ".join(f"'-' {words}" for words, _ in series)]
    for _, rows in series:
        lines += ["\t".join(str(cell) for cell in row) for row in rows] + ["e"]
    subprocess.run(["gnuplot"], input="\n".join(lines), text=True, check=True)


def _bars(folder, name, rows, digits, settings):
    """rows: (who, values); a bar to the median, its spread, and the number."""
    rows = sorted(rows, key=lambda row: middle(row[1]))
    cells = [(i, middle(v), min(v), max(v), f"{middle(v):,.{digits}f}")
             for i, (_, v) in enumerate(rows)]
    tics = ", ".join(f"{_quote(who)} {i}" for i, (who, _) in enumerate(rows))
    labels = [(high, i, label) for i, _, _, high, label in cells]
    _plot(folder, name,
          ["set datafile separator '\\t'", "unset key", "set grid noytics",
           "set grid xtics lc rgb '#dddddd' lt 1", f"set ytics ({tics})",
           f"set yrange [-0.6:{len(rows) - 0.4}]", "set style fill solid 1.0 noborder",
           *settings],
          [(f"using (0.5*$2):1:(0.5*$2):(0.36) with boxxyerror lc rgb '{COLOURS[0]}'",
            cells),
           ("using 2:1:3:4 with xerrorbars pt 0 lw 1.5 lc rgb '#222222'", cells),
           ("using 1:2:3 with labels left offset 0.7,0 textcolor rgb '#222222'", labels)])


def _throughput(folder, data):
    rows = [(name, [r["per_s"] for r in runs]) for name, runs in data["runs"].items()
            if runs[0]["per_s"]]
    rows.append(("rouse fleet (durable)", [r["per_s"] for r in data["fleet"]["runs"]]))
    top = max(max(values) for _, values in rows)
    _bars(folder, "throughput", rows, 0,
          [f"set xrange [0:{1.2 * top}]", "set format x '%.0s%c'", "set xlabel 'pushes/s'"])


def _cpu(folder, data):
    rows = [(name, [r["cpu_us"] for r in runs]) for name, runs in data["runs"].items()]
    rows.append(("rouse fleet (durable)", [r["cpu_us"] for r in data["fleet"]["runs"]]))
    top = max(max(values) for _, values in rows)
    _bars(folder, "cpu", rows, 1,
          [f"set xrange [0:{1.15 * top}]", "set xlabel 'µs of the sender''s CPU per push'"])


def _latency(folder, data):
    rows = data["load"]
    series = [(f"using 1:2 with linespoints pt 7 ps 0.7 lw 2 lc rgb '{colour}' "
               f"title {_quote(q)}", [(r["per_s"], r[q] / 1e3) for r in rows])
              for q, colour in zip(("p99.9", "p99", "p50"), COLOURS)]
    series.append(("using 1:2:3 with labels left offset 0.6,-0.7 textcolor rgb '#555555' "
                   "notitle",
                   [(r["per_s"], r["p50"] / 1e3, f'"{r["streams"]}"') for r in rows]))
    low, high = min(r["p50"] for r in rows) / 1e3, max(r["p99.9"] for r in rows) / 1e3
    slow, fast = min(r["per_s"] for r in rows), max(r["per_s"] for r in rows)
    _plot(folder, "latency",
          ["set logscale xy", "set format x '%.0s%c'", "set format y '%g'",
           "set xlabel 'pushes/s; below the points, how many are in flight'",
           "set ylabel 'ms'", f"set xrange [{slow / 1.6}:{fast * 1.6}]",
           f"set yrange [{low / 1.6}:{high * 4}]"],
          series)


def _rtt(folder, data):
    series, places = [], sorted({r["rtt_ms"] for r in data["rtt"]})
    for connections, colour in zip(RTT_CONNECTIONS, COLOURS):
        rows = [(ms, middle(r["per_s"] for r in data["rtt"]
                            if (r["rtt_ms"], r["connections"]) == (ms, connections)))
                for ms in places]
        words = f"{connections} connection{'s' if connections > 1 else ''}"
        series.append((f"using 1:2 with linespoints pt 7 ps 0.8 lw 2 lc rgb '{colour}' "
                       f"title {_quote(words)}", rows))
        series.append((f"using 1:2 with lines dt 2 lc rgb '{colour}' "
                       f"title {_quote('its ideal')}",
                       [(ms, connections * 1e6 / ms) for ms in places]))
    _plot(folder, "rtt",
          ["set logscale xy", "set format y '%.0s%c'", "set key left bottom",
           f"set xtics ({', '.join(str(ms) for ms in places)})",
           "set xlabel 'round trip, ms'", "set ylabel 'pushes/s'",
           f"set xrange [{places[0] / 1.3}:{places[-1] * 1.3}]",
           f"set yrange [{1e6 / places[-1] / 6}:{max(RTT_CONNECTIONS) * 1.5e6 / places[0]}]"],
          series)


def _memory(folder, data):
    rows = [(g["enrollments"], g["rss_mib"]) for g in data["growth"]]
    top = max(64, *(mib for _, mib in rows))
    _plot(folder, "memory",
          ["set logscale x", "set format x '10^{%T}'", f"set yrange [0:{1.15 * top}]",
           f"set xrange [{rows[0][0] / 2}:{rows[-1][0] * 2}]", "unset key",
           "set xlabel 'enrollments'", "set ylabel 'MiB'",
           "set arrow from graph 0, first 64 to graph 1, first 64 nohead dt 2 lc rgb '#d1495b'",
           "set label 'target: 64 MiB for a wave of a million' at graph 0.02, first 64 "
           "offset 0,0.6 textcolor rgb '#d1495b'"],
          [(f"using 1:2 with linespoints pt 7 ps 0.8 lw 2 lc rgb '{COLOURS[0]}'", rows),
           ("using 1:2:3 with labels offset 0,1 textcolor rgb '#222222'",
            [(n, mib, f'"{mib:.0f}"') for n, mib in rows])])


def draw(folder, data):
    if not shutil.which("gnuplot"):
        print("plots: skipped: gnuplot is not installed")
        return
    os.makedirs(folder, exist_ok=True)
    for one in (_throughput, _cpu, _latency, _rtt, _memory):
        one(folder, data)


def as_markdown(folder):
    return "\n".join(f"![{title}]({folder}/{name}.svg)\n" for name, title in TITLES.items())
