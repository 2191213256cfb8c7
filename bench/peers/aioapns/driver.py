# SPDX-License-Identifier: MIT
"""A driver for aioapns; see ../README.md for its words and its line."""

import asyncio
import json
import resource
import ssl
import sys
import time

from aioapns import APNs, NotificationRequest, PushType
from aioapns.connection import APNsTLSClientProtocol

WARM_UP = 10000


def make_client(host, port, cert, ca, topic, connections):
    """A client of the simulator: the library itself knows Apple's host only."""

    class SimulatorProtocol(APNsTLSClientProtocol):
        APNS_SERVER = host
        APNS_PORT = port

    context = ssl.create_default_context(cafile=ca)
    context.set_alpn_protocols(["h2"])
    context.load_cert_chain(cert)
    client = APNs(
        client_cert=cert,
        topic=topic,
        max_connections=connections,
        ssl_context=context,
    )
    client.pool.protocol_class = SimulatorProtocol
    return client


async def send(client, count, in_flight):
    """Send count pushes with so many in flight; return how many were taken."""
    ok = 0
    numbers = iter(range(1, count + 1))
    expires = (int(time.time()) // 60 + 7 * 1440) * 60

    async def sender():
        nonlocal ok
        for number in numbers:
            request = NotificationRequest(
                device_token=f"{number:064x}",
                message={"mdm": "0B3F8A52-6A3E-4C1D-9B7E-51A0C2F4D6E8"},
                push_type=PushType.MDM,
                priority=10,
                time_to_live=expires - int(time.time()),
            )
            response = await client.send_notification(request)
            ok += response.is_successful

    await asyncio.gather(*(sender() for _ in range(in_flight)))
    return ok


async def main(host, port, cert, ca, topic, count, connections, streams):
    client = make_client(host, port, cert, ca, topic, connections)
    await send(client, WARM_UP, connections * streams)
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
    ok = await send(client, count, connections * streams)
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "peer": "aioapns", "version": "4.0",
        "ok": ok, "failed": count - ok,
        "seconds": seconds,
        "user_seconds": after.ru_utime - before.ru_utime,
        "system_seconds": after.ru_stime - before.ru_stime,
    }))


if __name__ == "__main__":
    if len(sys.argv) != 9:
        sys.exit("usage: aioapns HOST PORT CERT CA TOPIC NUMBER CONNECTIONS STREAMS")
    words = sys.argv[1:]
    asyncio.run(main(words[0], int(words[1]), *words[2:5], *map(int, words[5:])))
