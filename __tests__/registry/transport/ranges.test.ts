import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { newDeferred } from '../../../src/lib/deferred.ts';
import type { Filler } from '../../../src/ports.ts';
import { createLookups } from '../../../src/registry/transport/lookups.ts';
import { createRanges, type Ranges } from '../../../src/registry/transport/ranges.ts';
import type { HttpRequest } from '../../../src/registry/transport/transport.ts';
import { closeServers, type Script, scriptedServer } from '../../support/scripted-server.ts';
import { until } from '../../support/until.ts';

const BYTES = randomBytes(5_000_000);
const controller = new AbortController();
let ranges: Ranges;
afterEach(async () => {
  ranges.close();
  await closeServers();
});

function openRanges(connectMs: number): void {
  ranges = createRanges({
    userAgent: 'pull-image/test',
    timeouts: { connectMs, headersMs: 500, bodyMs: 500 },
    signal: controller.signal,
    lookups: createLookups(() => false),
  });
}

const requestTo = (url: URL, headers = {}): HttpRequest => {
  const purpose = { kind: 'blob', domain: 'x', repository: 'acme/app', target: 'y' } as const;
  return { method: 'GET', url, headers, purpose };
};

async function asked(script: Script, tls = false, trusted = true) {
  const server = await scriptedServer(script, { tls });
  openRanges(2000);
  const url = new URL(`${tls ? server.origin.replace('http:', 'https:') : server.origin}/v2/a/blobs/b?c=d`);
  const trust = { rejectUnauthorized: !trusted };
  const send = (headers = {}, ends?: AbortSignal) => ranges.send({ ...requestTo(url, headers), ends }, { trust });
  return { server, send };
}

/** The parts of a body, taken with a rest after each. */
async function collected(body: AsyncIterable<Uint8Array> | readonly Uint8Array[], restMs = 0): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for await (const bytes of body) {
    parts.push(bytes);
    if (restMs > 0) await sleep(restMs);
  }
  return parts;
}

const whole: Script = (_, response) => response.writeHead(206, { 'Content-Length': BYTES.byteLength }).end(BYTES);

test.each([false, true])(
  'answers come one after another over one connection, also to a slow reader (TLS: %p)',
  async (tls) => {
    const ports = new Set<unknown>();
    const { send, server } = await asked((request, response) => {
      ports.add(response.socket?.remotePort);
      return whole(request, response);
    }, tls);
    for (let round = 0; round < 3; round += 1) {
      const answer = await send({ range: 'bytes=0-4999999' });
      const parts = await collected(answer?.body ?? [], round === 1 ? 20 : 0);
      expect(answer?.status).toBe(206);
      expect(Buffer.concat(parts).equals(BYTES)).toBe(true);
    }
    expect(ports.size).toBe(1);
    expect(server.requests[0]).toMatchObject({
      path: '/v2/a/blobs/b?c=d',
      headers: {
        host: server.host,
        range: 'bytes=0-4999999',
        'accept-encoding': 'identity',
        'user-agent': 'pull-image/test',
      },
    });
  },
);

test('a body that brings less than 32 KiB in the time of a silence is given up, and says so', async () => {
  const { send } = await asked(async (_, response) => {
    response.writeHead(206, { 'Content-Length': BYTES.byteLength });
    for (let at = 0; at < 100 && !response.destroyed; at += 1) {
      response.write(BYTES.subarray(0, 2000));
      await sleep(50);
    }
    response.end();
  });
  const answer = await send();
  const reading = (async () => {
    for await (const _ of answer?.body ?? []);
  })();
  await expect(reading).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    temporary: true,
    reason: expect.stringMatching(/^127\.0\.0\.1:\d+: only \d+(\.\d+)?kB in 0\.\ds$/),
  });
});

test('a certificate nobody vouches for is left to the library', async () => {
  const { send, server } = await asked(whole, true, false);
  expect(await send()).toBeUndefined();
  expect(server.requests).toHaveLength(0);
});

test('so is a host that takes longer to connect than is said for it, also where a thread asks', async () => {
  // TLS is never spoken there: a handshake waits for ever.
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    // Longer than any test may take.
    openRanges(600_000);
    const request = requestTo(new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/v2/a/blobs/b`));
    const connection = { trust: { rejectUnauthorized: true }, connectMs: 50 };
    expect(await ranges.send(request, connection)).toBeUndefined();
    const orders: unknown[] = [];
    const bring: Filler['bring'] = (order, hear) => {
      orders.push(order);
      hear({ type: 'refused' });
      return () => {};
    };
    const filler: Filler = { bring, underWay: 0, failed: new Promise(() => {}) };
    await ranges.send({ ...request, into: { filler, start: 0, end: 1, size: 1 } }, connection);
    expect(orders).toMatchObject([{ connectMs: 50 }]);
  } finally {
    server.close();
  }
});

test('so is a header that would be two', async () => {
  const { send, server } = await asked(whole);
  expect(await send({ authorization: 'Bearer a\r\nx-b: c' })).toBeUndefined();
  expect(server.requests).toHaveLength(0);
});

test.each<[string, Script]>([
  ['no length', (_, response) => response.writeHead(206).end('x')],
  ['nothing', (_, response) => response.destroy()],
  ['more than its length', (_, response) => response.socket?.write('HTTP/1.1 206 OK\r\nContent-Length: 1\r\n\r\nxx')],
])('so is %s', async (_, script) => {
  const { send } = await asked(script);
  expect(await send()).toBeUndefined();
});

test.each<[string, Script]>([
  ['with a length', (_, response) => response.writeHead(429, { 'Content-Length': 5 }).end('words')],
  ['in chunks', (_, response) => response.writeHead(429).end('words')],
  ['that never ends', (_, response) => response.writeHead(429).write('words')],
  ['that ends with its connection', (_, { socket }) => socket?.end('HTTP/1.1 429 No\r\n\r\nwords')],
])('a refusal %s is an answer, and asked for once', async (_, script) => {
  const { send, server } = await asked(script);
  const answer = await send();
  expect(answer?.status).toBe(429);
  expect(Buffer.concat(await collected(answer?.body ?? [])).toString()).toBe('words');
  expect(server.requests).toHaveLength(1);
});

test('no answer in time is an error, for the library would wait as long again', async () => {
  const { send, server } = await asked(() => {});
  await expect(send()).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    temporary: true,
    reason: expect.stringContaining('no answer, timed out after 0.5s'),
  });
  expect(server.requests).toHaveLength(1);
});

test('a request that nobody needs any more ends before its answer, with its connection', async () => {
  const closed = newDeferred<void>();
  const { send, server } = await asked((_, response) => void response.on('close', closed.resolve));
  const ends = new AbortController();
  const sending = send({}, ends.signal);
  await until(() => server.requests.length === 1);
  ends.abort();
  await closed.promise;
  expect(await sending).toBeUndefined();
});

test.each([
  ['breaks', 300],
  ['stands still', 0],
])('a body that %s gives what has come, and the error', async (_, breakMs) => {
  const { send } = await asked((_request, response) => {
    response.writeHead(206, { 'Content-Length': BYTES.byteLength }).write(BYTES.subarray(0, 1000));
    if (breakMs) setTimeout(() => response.destroy(), breakMs);
  });
  const answer = await send();
  let seen = 0;
  const reading = (async () => {
    for await (const bytes of answer?.body ?? []) seen += bytes.byteLength;
  })();
  await expect(reading).rejects.toMatchObject({ code: 'UNAVAILABLE', temporary: true, subject: 'acme/app' });
  expect(seen).toBe(1000);
});
