// SPDX-License-Identifier: MIT
//
// A stand-in for APNs on Node's HTTP/2. It shares nothing with rouse-sim: what
// both agree on is what Apple writes.
//
//   node apns.mjs KEY CERT CA SCENARIO LEDGER
//
// Prints {"port":N} when it listens. The scenario is JSON on the command line,
// and may be replaced by a line of JSON on stdin; {"ledger":true} there writes
// the ledger and prints {"ledger":N}. All keys are optional:
//
//   answers    [{"from":A,"to":B,"status":S,"reason":"R","times":N,…}]: what
//              tokens whose first four bytes are a number in A…B get, N times
//              (0: always); "timestamp" in ms, "retry_after" in s
//   streams    MAX_CONCURRENT_STREAMS
//   goaway     N: a graceful GOAWAY on the connection of each N-th push
//   destroy    N: the connection is cut off at each N-th push of its own
//   mute       N: the first N connections answer no push, but PINGs
//   poison     A: a push to this token cuts its connection off
//   delay_ms   before every answer
import fs from 'node:fs';
import http2 from 'node:http2';
import readline from 'node:readline';

const [key, cert, ca, scenarioText, ledgerFile] = process.argv.slice(2);
const ENROLLED = '5a'.repeat(28); // how the tokens of enrolled devices end
const ID = 'B5E1B2F0-0000-4000-8000-';
let scenario = JSON.parse(scenarioText);
let pushes = 0;
let connections = 0;
const seen = new Map();     // token -> {accepted, refused, dropped}
const complaints = new Map();
const sockets = new Map();  // peer's port -> socket: sessions hide theirs
const given = new Map();    // answer -> Map(token -> times)

function complain(what) {
  complaints.set(what, (complaints.get(what) ?? 0) + 1);
}

function note(token, what) {
  const entry = seen.get(token) ?? { accepted: 0, refused: 0, dropped: 0 };
  entry[what]++;
  seen.set(token, entry);
}

// What Apple's documentation asks of an MDM push. A complaint is answered as
// APNs would, and ends the test.
function judge(headers, body, topic) {
  const path = /^\/3\/device\/([0-9a-f]{2,512})$/.exec(headers[':path']);
  if (headers[':method'] !== 'POST') return [405, 'MethodNotAllowed'];
  if (path === null) return [404, 'BadPath'];
  if (headers['apns-topic'] !== topic) return [400, 'TopicDisallowed'];
  if (headers['apns-push-type'] !== 'mdm') return [400, 'InvalidPushType'];
  if (headers['apns-priority'] !== '10') return [400, 'BadPriority'];
  const expiration = Number(headers['apns-expiration']); // 0: try once
  if (expiration !== 0 && !(expiration > Date.now() / 1000))
    return [400, 'BadExpirationDate'];
  if (headers['content-length'] !== undefined &&
      Number(headers['content-length']) !== body.length)
    return [400, 'IdleTimeout'];
  let payload;
  try {
    payload = JSON.parse(body.toString('utf8'));
  } catch {
    return [400, 'PayloadEmpty'];
  }
  if (Object.keys(payload).join() !== 'mdm' ||
      typeof payload.mdm !== 'string' || payload.mdm === '')
    return [400, 'PayloadEmpty'];
  return null;
}

function answerFor(token) {
  const number = parseInt(token.slice(0, 8), 16);
  for (const answer of scenario.answers ?? []) {
    if (number < answer.from || number > answer.to) continue;
    const times = given.get(answer) ?? new Map();
    given.set(answer, times);
    const n = times.get(token) ?? 0;
    if (answer.times && n >= answer.times) continue;
    times.set(token, n + 1);
    return answer;
  }
  return { status: 200 };
}

function respond(stream, token, answer) {
  if (stream.destroyed || stream.closed || stream.session?.destroyed) return;
  const headers = {
    ':status': answer.status,
    'apns-id': ID + (++pushes).toString(16).toUpperCase()
      .padStart(12, '0'),
  };
  if (answer.retry_after) headers['retry-after'] = String(answer.retry_after);
  if (answer.status === 200) {
    note(token, 'accepted');
    stream.respond(headers, { endStream: true });
    return;
  }
  note(token, 'refused');
  const body = { reason: answer.reason };
  if (answer.timestamp) body.timestamp = answer.timestamp;
  stream.respond({ ...headers, 'content-type': 'application/json' });
  stream.end(JSON.stringify(body));
}

function take(stream, headers, body, session, state) {
  const complaint = judge(headers, body, state.topic);
  const token = String(headers[':path']).slice('/3/device/'.length);
  if (complaint === null && !token.endsWith(ENROLLED)) {
    // The made-up token of a test push: no device has it.
    stream.respond({ ':status': 400, 'apns-id': ID + '000000000000' });
    stream.end('{"reason":"BadDeviceToken"}');
    return;
  }
  if (complaint !== null) {
    complain(complaint[1]);
    respond(stream, token, { status: complaint[0], reason: complaint[1] });
    return;
  }
  state.pushes++;
  if (state.isMute) {
    note(token, 'dropped');
    return;
  }
  if ((scenario.destroy && state.pushes % scenario.destroy === 0) ||
      (scenario.poison !== undefined &&
       parseInt(token.slice(0, 8), 16) === scenario.poison)) {
    note(token, 'dropped');
    sockets.get(session.socket.remotePort).resetAndDestroy();
    return;
  }
  if (scenario.goaway && state.pushes % scenario.goaway === 0)
    session.close(); // GOAWAY; open streams end
  const answer = answerFor(token);
  if (scenario.delay_ms)
    setTimeout(respond, scenario.delay_ms, stream, token, answer);
  else
    respond(stream, token, answer);
}

const server = http2.createSecureServer({
  key: fs.readFileSync(key),
  cert: fs.readFileSync(cert),
  ca: fs.readFileSync(ca),
  requestCert: true,
  rejectUnauthorized: true,
  settings: { maxConcurrentStreams: scenario.streams ?? 1000 },
});

server.on('connection', (socket) => {
  sockets.set(socket.remotePort, socket);
  socket.on('error', () => {});
  socket.on('close', () => sockets.delete(socket.remotePort));
});

server.on('session', (session) => {
  const subject = session.socket.getPeerCertificate().subject ?? {};
  const state = {
    topic: subject.UID,
    pushes: 0,
    isMute: connections < (scenario.mute ?? 0),
  };
  connections++;
  session.on('error', () => {});
  session.on('stream', (stream, headers) => {
    const chunks = [];
    stream.on('error', () => {});
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
      if (!stream.destroyed && !session.destroyed)
        take(stream, headers, Buffer.concat(chunks), session, state);
    });
  });
});
server.on('sessionError', () => {});
server.on('tlsClientError', () => {});

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line);
  if (!command.ledger) {
    scenario = command;
    given.clear();
    console.log(JSON.stringify({ scenario: true }));
    return;
  }
  fs.writeFileSync(ledgerFile, JSON.stringify({
    connections,
    complaints: Object.fromEntries(complaints),
    tokens: Object.fromEntries(seen),
  }));
  console.log(JSON.stringify({ ledger: seen.size }));
}).on('close', () => process.exit(0));

server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: server.address().port }));
});
