// SPDX-License-Identifier: MIT

// A driver for @parse/node-apn; see ../README.md for its words and its line.
'use strict';

const fs = require('fs');
const apn = require('@parse/node-apn');

const WARM_UP = 10000;

if (process.argv.length !== 10) {
  console.error('usage: node-apn HOST PORT CERT CA TOPIC NUMBER CONNECTIONS STREAMS');
  process.exit(2);
}
const [host, port, cert, ca, topic, ...numbers] = process.argv.slice(2);
const [n, connections, streams] = numbers.map(Number);
const pem = fs.readFileSync(cert);

// It takes a production certificate to Apple's own address only, so it is
// given that, and the simulator's before it connects.
const provider = new apn.MultiProvider({
  address: 'api.push.apple.com',
  port: Number(port),
  cert: pem,
  key: pem,
  ca: fs.readFileSync(ca),
  production: true,
  clientCount: connections,
  requestTimeout: 60000,
});
for (const client of provider.client.clients) {
  client.config.address = host;
}

function push() {
  const note = new apn.Notification();
  note.topic = topic;
  note.pushType = 'mdm';
  note.priority = 10;
  note.expiry = Math.floor(Date.now() / 60000) * 60 + 7 * 86400;
  note.mdm = '0B3F8A52-6A3E-4C1D-9B7E-51A0C2F4D6E8';
  return note;
}

// Sends count pushes with so many in flight.
async function send(count, inFlight) {
  let next = 0;
  let ok = 0;
  let failed = 0;
  async function sender() {
    while (next < count) {
      next += 1;
      const token = next.toString(16).padStart(64, '0');
      const result = await provider.send(push(), token);
      ok += result.sent.length;
      failed += result.failed.length;
    }
  }
  await Promise.all(Array.from({ length: inFlight }, sender));
  return { ok, failed };
}

async function main() {
  await send(WARM_UP, connections * streams);
  const began = process.hrtime.bigint();
  const before = process.cpuUsage();
  const { ok, failed } = await send(n, connections * streams);
  const used = process.cpuUsage(before);
  console.log(JSON.stringify({
    peer: 'node-apn', version: '7.1.0', ok, failed,
    seconds: Number(process.hrtime.bigint() - began) / 1e9,
    user_seconds: used.user / 1e6,
    system_seconds: used.system / 1e6,
  }));
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
