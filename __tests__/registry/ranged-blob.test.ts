import { beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { type Client, collect, openClient, repositoryAt } from '../support/client.ts';
import {
  answer,
  askedOf,
  BLOB,
  BYTES,
  CHUNK,
  headersOf,
  rangedRegistry,
  SIZE,
  whole,
} from '../support/ranged-registry.ts';
import { scriptedServer } from '../support/scripted-server.ts';
import { until } from '../support/until.ts';

const server = rangedRegistry();
const { ranges, askedTwice } = server;
let client: Client;

beforeEach(() => {
  client = openClient({ chunkSize: CHUNK, connections: 4, timeouts: { bodyMs: 1000 } });
});

const pull = () => collect(client.blob(repositoryAt(server.host), BLOB));

async function comesWhole(): Promise<void> {
  const { bytes, error } = await pull();
  expect(error).toBeUndefined();
  expect(digestOf(bytes)).toBe(BLOB.digest);
}

describe('a large blob', () => {
  test('comes in closed ranges over all connections, each byte asked for once', async () => {
    server.instead = (asked, response) => {
      setTimeout(() => answer(asked, response), 20);
      return true;
    };
    await comesWhole();
    expect(ranges()[0]).toBe(`bytes=0-${CHUNK - 1}`);
    expect(new Set(ranges()).size).toBe(17);
    expect(askedTwice()).toBe(0);
    expect(server.most).toBe(4);
  });

  test('of two chunks comes in one stream, without a range', async () => {
    const bytes = BYTES.subarray(0, 2 * CHUNK);
    const small = await scriptedServer((_, response) => response.writeHead(200).end(bytes));
    const blob = { ...BLOB, digest: digestOf(bytes), size: bytes.byteLength };
    expect((await collect(client.blob(repositoryAt(small.host), blob))).bytes.equals(bytes)).toBe(true);
    expect(small.requests.map(({ headers }) => headers.range)).toEqual([undefined]);
  });

  test('that comes fast is asked for in larger parts, each byte once all the same', async () => {
    const fast = openClient({ chunkSize: CHUNK, connections: 2, rangeMs: 60_000 });
    const { bytes, error } = await collect(fast.blob(repositoryAt(server.host), BLOB));
    expect(error).toBeUndefined();
    expect(digestOf(bytes)).toBe(BLOB.digest);
    expect(askedTwice()).toBe(0);
    expect(ranges()[0]).toBe(`bytes=0-${CHUNK - 1}`);
    expect(ranges().length).toBeLessThan(10);
  });

  test('is asked for no more than eight chunks ahead of what is missing', async () => {
    const wide = openClient({ chunkSize: CHUNK, connections: 16 });
    server.instead = ({ from, before }) => from === CHUNK && before === 0;
    void collect(wide.blob(repositoryAt(server.host), BLOB));
    await until(() => ranges().length >= 9);
    // Nothing tells of what is not asked for: so many turns are enough for it to arrive.
    await new Promise((go) => setTimeout(go, 100));
    const starts = ranges().map((range) => Number(/\d+/.exec(range)?.[0]));
    expect(Math.max(...starts)).toBe(8 * CHUNK);
  });

  test('of which no answer to the first range comes is asked for by one request', async () => {
    server.instead = ({ from }) => from === 0;
    void pull();
    await until(() => ranges().length > 0);
    await new Promise((go) => setTimeout(go, 100));
    expect(ranges()).toEqual([`bytes=0-${CHUNK - 1}`]);
  });
});

describe('where ranges are not to be had', () => {
  test('a 200 goes on as one stream: one request in all', async () => {
    server.instead = (_, response) => whole(response);
    await comesWhole();
    expect(server.requests).toHaveLength(1);
  });

  test.each([400, 416, 501])('a %d is followed by one request without a range, or an error', async (status) => {
    server.instead = (_, response) => response.writeHead(status).end();
    const { bytes, error } = await pull();
    if (status === 501) expect(error).toMatchObject({ code: 'REGISTRY_ANSWER' });
    else expect(digestOf(bytes)).toBe(BLOB.digest);
    expect(ranges().slice(1)).toEqual(status === 501 ? [] : ['whole']);
  });

  test.each<[string, Record<string, string | string[]>]>([
    ['no Content-Range', {}],
    ['another start', { 'Content-Range': `bytes 1-${CHUNK - 1}/${SIZE}` }],
    ['another end', { 'Content-Range': `bytes 0-${CHUNK - 2}/${SIZE}` }],
    ['another total', { 'Content-Range': `bytes 0-${CHUNK - 1}/${SIZE + 1}` }],
    ['an unknown total', { 'Content-Range': `bytes 0-${CHUNK - 1}/*` }],
    ['two of them', { 'Content-Range': [`bytes 0-${CHUNK - 1}/${SIZE}`, `bytes 0-${CHUNK - 1}/${SIZE}`] }],
    ['several parts', { 'Content-Type': 'multipart/byteranges; boundary=x' }],
  ])('a first 206 with %s is not used, and the whole asked for', async (_, headers) => {
    server.instead = (asked, response) => response.writeHead(206, headers).end(asked.part);
    await comesWhole();
    expect(ranges()).toEqual([`bytes=0-${CHUNK - 1}`, 'whole']);
  });

  test('a later part that is answered otherwise is asked for again', async () => {
    const answers = [416, 400, 200];
    server.instead = ({ from, before }, response) => {
      const status = from === 3 * CHUNK ? answers[before] : undefined;
      return status === 200 ? whole(response) : status && response.writeHead(status, { 'Content-Length': 0 }).end();
    };
    await comesWhole();
    expect(client.events.filter(({ type }) => type === 'retry')).toHaveLength(3);
  });

  test('a later part that always ends early is had from the whole', async () => {
    server.instead = ({ from, to }, response) => {
      if (from < 3 * CHUNK || from >= 4 * CHUNK) return false;
      const part = BYTES.subarray(from, 4 * CHUNK - 1);
      return response.writeHead(206, { 'Content-Range': `bytes ${from}-${to}/${SIZE}` }).end(part);
    };
    await comesWhole();
    expect(ranges().filter((range) => range === 'whole')).toHaveLength(1);
  });

  test('a later part that stays without an answer is had from the whole', async () => {
    server.instead = ({ from }, response) =>
      from === 3 * CHUNK && response.writeHead(416, { 'Content-Length': 0 }).end();
    await comesWhole();
    expect(ranges().filter((range) => range === 'whole')).toHaveLength(1);
  });
});

describe('asked for again', () => {
  test('it comes in one stream, and no break makes a range of it', async () => {
    await comesWhole();
    const before = server.requests.length;
    let cuts = 0;
    server.insteadOfWhole = (response) => {
      cuts += 1;
      if (cuts > 1) return false;
      response.writeHead(200, { 'Content-Length': SIZE });
      response.write(BYTES.subarray(0, SIZE / 2), () => response.destroy());
      return true;
    };
    await comesWhole();
    expect(ranges().slice(before)).toEqual(['whole', 'whole']);
  });
});

describe('too many requests', () => {
  test('leave one connection, and no more', async () => {
    server.instead = ({ index }, response) =>
      index === 3 && response.writeHead(429, { 'Retry-After': '1', 'Content-Length': 0 }).end();
    await comesWhole();
    expect(client.waits).toHaveLength(1);
    expect(client.waits[0]).toBeGreaterThanOrEqual(1000);
    const after = server.requests.slice(8);
    expect(after.length).toBeGreaterThan(4);
    expect(askedTwice()).toBe(CHUNK);
  });
});

describe('a break', () => {
  test('costs the rest of one chunk', async () => {
    const kept = 50_000;
    server.instead = (asked, response) => {
      if (asked.from !== 5 * CHUNK || asked.before > 0) return false;
      response
        .writeHead(206, headersOf(asked))
        .write(asked.part.subarray(0, kept), () => setTimeout(() => response.destroy(), 20));
      return true;
    };
    await comesWhole();
    expect(ranges()).toContain(`bytes=${5 * CHUNK + kept}-${6 * CHUNK - 1}`);
    expect(askedTwice()).toBe(CHUNK - kept);
    process.stderr.write(`a break after ${kept} of ${CHUNK} bytes: ${askedTwice()} asked for again, none sent twice\n`);
  });

  test('a part that ends too early, with no error, is a break too', async () => {
    server.instead = (asked, response) => {
      if (asked.from !== 2 * CHUNK) return false;
      const { 'Content-Range': range } = headersOf(asked);
      response.writeHead(206, { 'Content-Range': range }).end(asked.part.subarray(0, 100));
      return true;
    };
    await comesWhole();
    expect(ranges()).toContain(`bytes=${2 * CHUNK + 100}-${3 * CHUNK - 1}`);
  });

  test('a part that is too long does not reach into the next', async () => {
    server.instead = ({ from, to }, response) => {
      const headers = { 'Content-Range': `bytes ${from}-${to}/${SIZE}` };
      response.writeHead(206, headers).end(Buffer.concat([BYTES.subarray(from, to + 1), Buffer.alloc(1000)]));
      return true;
    };
    await comesWhole();
  });

  test('five in a row at one place end it, and the other connections', async () => {
    server.instead = ({ from }, response) => from === 4 * CHUNK && response.destroy();
    const { error } = await pull();
    expect(error).toMatchObject({ code: 'UNAVAILABLE', temporary: true });
    expect(client.waits).toEqual([500, 1000, 4000, 10_000]);
  });

  test('a status that may pass is tried again, one that does not is the error', async () => {
    server.instead = ({ from, before }, response) => {
      if (from === CHUNK && before < 2) return response.writeHead(503).end();
      return from === 6 * CHUNK && response.writeHead(404).end();
    };
    expect((await pull()).error).toMatchObject({ code: 'BLOB_UNKNOWN' });
  });
});

describe('parts in storage', () => {
  test('one redirect serves them all, until its URL runs out; no credentials go there', async () => {
    let signatures = 0;
    const storage = await scriptedServer((request, response) => {
      const asked = askedOf(request, storage.requests);
      if (request.path === '/blob?signature=1' && storage.requests.length > 6)
        response.writeHead(403, { 'Content-Length': 0 }).end();
      else if (asked) answer(asked, response);
    });
    server.instead = ({ index }, response, { headers }) => {
      if (index === 0) return response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
      expect(headers.authorization).toMatch(/^Basic /);
      signatures += 1;
      return response.writeHead(307, { Location: `${storage.origin}/blob?signature=${signatures}` }).end();
    };
    const login = { registry: server.host, username: 'robot', password: 'secret' };
    client = openClient({ chunkSize: CHUNK, connections: 4, logins: [login] });
    await comesWhole();
    expect(storage.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
    expect(signatures).toBeGreaterThanOrEqual(2);
    expect(signatures).toBeLessThanOrEqual(5);
    expect(client.events).toEqual([]);
  });
});
