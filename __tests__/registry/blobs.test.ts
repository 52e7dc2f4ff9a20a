import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { PullError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { type Client, collect, openClient, repositoryAt } from '../support/client.ts';
import { scriptedRegistry } from '../support/scripted-registry.ts';
import { scriptedServer } from '../support/scripted-server.ts';

const SIZE = 300_000;
const BYTES = Buffer.alloc(SIZE, (() => Buffer.from(Array.from({ length: 251 }, (_, index) => index)))());
const BLOB = { mediaType: 'application/octet-stream', digest: digestOf(BYTES), size: SIZE };

const server = scriptedRegistry();
let client: Client;

beforeEach(() => {
  client = openClient({ timeouts: { bodyMs: 1000 } });
});

const pull = (blob = BLOB) => collect(client.blob(repositoryAt(server.host), blob));

/** Announces everything, sends a part, and breaks the connection. */
function cut(
  response: ServerResponse,
  part: Buffer,
  status = 200,
  headers: Record<string, string | number> = {},
): void {
  response.writeHead(status, { 'Content-Length': SIZE, ...headers });
  response.write(part, () => response.destroy());
}

/** Answers a closed range as it should be. */
function range(
  header: string | undefined,
  response: ServerResponse,
  send: (part: Buffer) => unknown = (part) => response.end(part),
): void {
  const [, from = 0, to = 0] = (/^bytes=(\d+)-(\d+)$/.exec(header ?? '') ?? []).map(Number);
  const part = BYTES.subarray(from, to + 1);
  response.writeHead(206, { 'Content-Length': part.length, 'Content-Range': `bytes ${from}-${to}/${SIZE}` });
  send(part);
}

describe('a blob', () => {
  test('streams in one request without a range and without an encoding', async () => {
    server.script = (_, response) => response.writeHead(200, { 'Content-Length': SIZE }).end(BYTES);
    const { bytes, error } = await pull();
    expect(error).toBeUndefined();
    expect(bytes.equals(BYTES)).toBe(true);
    expect(server.lines()).toEqual([`GET /v2/acme/app/blobs/${BLOB.digest}`]);
    const headers = server.requests[0]?.headers ?? {};
    expect(headers.range).toBeUndefined();
    expect(headers['accept-encoding']).toBe('identity');
    expect(headers.accept).toBeUndefined();
  });

  test('of no bytes needs no request', async () => {
    expect((await pull({ ...BLOB, size: 0 })).bytes).toHaveLength(0);
    expect(server.requests).toHaveLength(0);
  });

  test('with a flipped bit comes as it is: the store’s door refuses it', async () => {
    const flipped = Buffer.from(BYTES);
    flipped[1234] = (flipped[1234] ?? 0) ^ 1;
    server.script = (_, response) => response.writeHead(200, { 'Content-Length': SIZE }).end(flipped);
    expect((await pull()).bytes.equals(flipped)).toBe(true);
  });

  test.each([SIZE - 1, SIZE + 1])('announced with a length of %d is refused at once', async (length) => {
    server.script = (_, response) => response.writeHead(200, { 'Content-Length': length }).end(Buffer.alloc(length));
    const { bytes, error } = await pull();
    expect(bytes).toHaveLength(0);
    expect(error).toMatchObject({
      code: 'SIZE_MISMATCH',
      reason: expect.stringContaining(`expected ${SIZE} bytes, found ${length}`),
    });
    expect(server.requests).toHaveLength(1);
  });

  test('that is longer than promised ends within a chunk beyond its size', async () => {
    server.script = (_, response) => {
      response.writeHead(200);
      const more = () => void (response.destroyed || response.write(BYTES, more));
      more();
    };
    const { bytes, error } = await pull();
    expect(error).toBeUndefined();
    expect(bytes.length).toBeGreaterThan(SIZE);
    expect(bytes.length).toBeLessThanOrEqual(SIZE + 128 * 1024);
  });

  test('that is shorter than promised ends short, after one more look', async () => {
    server.script = ({ headers }, response) => {
      if (headers.range) response.writeHead(416).end();
      else response.writeHead(200).end(BYTES.subarray(0, 1000));
    };
    const { bytes, error } = await pull();
    expect(error).toBeUndefined();
    expect(bytes).toHaveLength(1000);
    expect(server.requests.length).toBeLessThanOrEqual(3);
  });

  test('that is not there is BLOB_UNKNOWN', async () => {
    server.script = (_, response) => response.writeHead(404).end();
    expect((await pull()).error).toMatchObject({ code: 'BLOB_UNKNOWN' });
  });
});

describe('after a break', () => {
  test('a closed range asks for the rest, as often as there is progress', async () => {
    const stops = [50_000, 60_000, 70_000, 80_000, 90_000, 100_000, 110_000];
    server.script = ({ headers, index }, response) => {
      if (index === 0) return cut(response, BYTES.subarray(0, 40_000));
      const stop = stops[index - 1];
      const from = Number(/\d+/.exec(headers.range ?? '')?.[0]);
      if (stop === undefined) return range(headers.range, response);
      return range(headers.range, response, () => response.write(BYTES.subarray(from, stop), () => response.destroy()));
    };
    const { bytes, error } = await pull();
    expect(error).toBeUndefined();
    expect(bytes.equals(BYTES)).toBe(true);
    expect(server.requests.slice(1).map(({ headers }) => headers.range)).toEqual(
      [40_000, ...stops].map((from) => `bytes=${from}-${SIZE - 1}`),
    );
    expect(new Set(client.waits)).toEqual(new Set([500]));
  });

  test('a stalled body counts as broken', async () => {
    server.script = ({ headers, index }, response) => {
      if (index > 0) return range(headers.range, response);
      response.writeHead(200, { 'Content-Length': SIZE });
      return response.write(BYTES.subarray(0, 1000));
    };
    const { bytes } = await pull();
    expect(bytes.equals(BYTES)).toBe(true);
    expect(client.events).toMatchObject([
      { type: 'retry', reason: expect.stringContaining('no data, timed out after 1.0s') },
    ]);
  });

  test.each([
    ['one stream', undefined],
    ['parts', 64 * 1024],
  ])('some bytes and then a standstill, again and again, end it (%s)', async (_, chunkSize) => {
    // Each tenth of a second counts for ten.
    const options = { timeouts: { bodyMs: 100 }, now: () => Date.now() * 100, connections: 1 };
    client = openClient({ ...options, ...(chunkSize ? { chunkSize } : {}) });
    server.script = ({ headers }, response) => {
      if (!headers.range) {
        response.writeHead(200, { 'Content-Length': SIZE }).write(BYTES.subarray(0, 9000));
        return;
      }
      range(headers.range, response, (part) => response.write(part.subarray(0, 9000)));
    };
    const { error } = await pull();
    expect(error).toMatchObject({ code: 'UNAVAILABLE', reason: expect.stringContaining('no data, timed out') });
    expect(server.requests).toHaveLength(5);
  });

  test('five in a row without a byte end it', async () => {
    server.script = (_, response) => cut(response, BYTES.subarray(0, 1000));
    const { bytes, error } = await pull();
    expect(bytes).toHaveLength(1000);
    expect(error).toMatchObject({ code: 'UNAVAILABLE', temporary: true });
    expect(client.waits).toEqual([500, 1000, 4000, 10_000]);
  });

  test('a 200 to a range costs the beginning again while that is cheap', async () => {
    server.script = ({ index }, response) => {
      if (index === 0) return cut(response, BYTES.subarray(0, 40_000));
      return response.writeHead(200, { 'Content-Length': SIZE }).end(BYTES);
    };
    expect((await pull()).bytes.equals(BYTES)).toBe(true);
  });

  test('a 200 to a range begins the blob again, however much came before, and says how much comes twice', async () => {
    const large = randomBytes(10 * 1024 * 1024);
    const [size, kept] = [large.length, 9 * 1024 * 1024];
    server.script = ({ index }, response) => {
      response.writeHead(200, { 'Content-Length': size });
      if (index > 0) return response.end(large);
      return response.write(large.subarray(0, kept), () => setTimeout(() => response.destroy(), 50));
    };
    const { bytes, error } = await pull({ ...BLOB, digest: digestOf(large), size });
    expect(error).toBeUndefined();
    expect(bytes.equals(large)).toBe(true);
    expect(server.requests).toHaveLength(2);
    const reasons = client.events.map((event) => (event.type === 'retry' ? event.reason : ''));
    expect(reasons).toEqual([
      expect.stringContaining('the connection broke'),
      expect.stringMatching(/does not resume: blob sha256:\w+ begins again, \d+ of its 10485760 bytes come twice$/),
    ]);
  });

  test.each([
    [4, undefined],
    [5, 'UNAVAILABLE'],
  ])('a registry without ranges that cuts %d answers at one place ends as %s', async (cuts, code) => {
    server.script = ({ index }, response) =>
      index < cuts
        ? cut(response, BYTES.subarray(0, 200_000))
        : response.writeHead(200, { 'Content-Length': SIZE }).end(BYTES);
    const { bytes, error } = await pull();
    expect((error as PullError | undefined)?.code).toBe(code);
    expect(bytes.equals(BYTES)).toBe(code === undefined);
    expect(client.waits).toEqual([500, 1000, 4000, 10_000]);
  });

  test.each([
    ['a tenth more than they repeat', 40_000, true],
    ['less than that', 9000, false],
  ])('answers without ranges that bring %s each time are gone on with: %j', async (_, more, whole) => {
    server.script = ({ index }, response) => cut(response, BYTES.subarray(0, 100_000 + index * more));
    const { bytes } = await pull();
    expect(bytes.equals(BYTES)).toBe(whole);
  });

  test('an end before the place of the last break is a break, and no shorter blob', async () => {
    const ends = [200_000, 100_000, 50_000, SIZE];
    server.script = ({ index }, response) => response.writeHead(200).end(BYTES.subarray(0, ends[index]));
    expect((await pull()).bytes.equals(BYTES)).toBe(true);
  });

  test('a 200 with no more than the range is followed by a request without one', async () => {
    server.script = ({ headers, index }, response) => {
      if (index === 0) return cut(response, BYTES.subarray(0, 40_000));
      const part = headers.range ? BYTES.subarray(40_000) : BYTES;
      return response.writeHead(200, { 'Content-Length': part.length }).end(part);
    };
    expect((await pull()).bytes.equals(BYTES)).toBe(true);
    expect(server.requests.map(({ headers }) => headers.range !== undefined)).toEqual([false, true, false]);
  });

  test('a 416 is followed by a request without a range', async () => {
    server.script = ({ headers, index }, response) => {
      if (index === 0) return cut(response, BYTES.subarray(0, 40_000));
      // As docker-registry 2.8 does: the length of the whole blob with the error.
      if (headers.range)
        return response.writeHead(416, { 'Content-Length': SIZE }).write('{}', () => response.destroy());
      return response.writeHead(200, { 'Content-Length': SIZE }).end(BYTES);
    };
    expect((await pull()).bytes.equals(BYTES)).toBe(true);
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      `bytes=40000-${SIZE - 1}`,
      undefined,
    ]);
  });

  test.each([
    ['another start', { 'Content-Range': `bytes 39999-${SIZE - 1}/${SIZE}` }],
    ['another total', { 'Content-Range': `bytes 40000-${SIZE - 1}/${SIZE + 1}` }],
    ['no Content-Range', {}],
    ['two of them', { 'Content-Range': [`bytes 40000-${SIZE - 1}/${SIZE}`, `bytes 40000-${SIZE - 1}/${SIZE}`] }],
    ['several parts', { 'Content-Type': 'multipart/byteranges; boundary=x' }],
  ])('a 206 with %s is not believed: the blob is asked for without a range', async (_, headers) => {
    server.script = ({ index }, response) => {
      if (index === 0) return cut(response, BYTES.subarray(0, 40_000));
      if (index === 1) return response.writeHead(206, headers).end(BYTES.subarray(40_000));
      return response.writeHead(200, { 'Content-Length': SIZE }).end(BYTES);
    };
    expect((await pull()).bytes.equals(BYTES)).toBe(true);
    expect(server.requests.map(({ headers: sent }) => sent.range)).toEqual([
      undefined,
      `bytes=40000-${SIZE - 1}`,
      undefined,
    ]);
  });

  test('a 206 to a request without a range is refused', async () => {
    server.script = (_, response) =>
      response.writeHead(206, { 'Content-Range': `bytes 0-${SIZE - 1}/${SIZE}` }).end(BYTES);
    expect((await pull()).error).toMatchObject({ code: 'REGISTRY_ANSWER' });
  });
});

describe('a redirect to storage', () => {
  test('whose URL has run out is asked for again, once', async () => {
    let signatures = 0;
    const storage = await scriptedServer(({ path }, response) => {
      if (path === '/blob?signature=1')
        response.writeHead(403).end('<Error><Message>Request has expired</Message></Error>');
      else response.writeHead(200).end(BYTES);
    });
    server.script = (_, response) => {
      signatures += 1;
      response.writeHead(307, { Location: `${storage.origin}/blob?signature=${signatures}` }).end();
    };
    const { bytes } = await pull();
    expect(bytes.equals(BYTES)).toBe(true);
    expect(storage.lines()).toEqual(['GET /blob?signature=1', 'GET /blob?signature=2']);
  });

  test('that refuses for good is an error that names the storage and hides the signature', async () => {
    const storage = await scriptedServer((_, response) =>
      response
        .writeHead(403)
        .end('<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'),
    );
    server.script = (_, response) =>
      response.writeHead(307, { Location: `${storage.origin}/blob?signature=hunter2` }).end();
    const { error } = await pull();
    expect(error).toMatchObject({
      code: 'REGISTRY_ANSWER',
      reason: expect.stringMatching(new RegExp(`^${storage.host} answered 403 Forbidden .*: Access Denied$`)),
    });
    expect(String(error)).not.toContain('hunter2');
    expect(storage.requests).toHaveLength(2);
  });
});
