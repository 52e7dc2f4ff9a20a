import { expect, test } from '@jest/globals';
import { newDeferred } from '../../src/lib/deferred.ts';
import { digestOf } from '../../src/oci/digest.ts';
import type { Part } from '../../src/ports.ts';
import { collect, openClient, repositoryAt } from '../support/client.ts';
import { BLOB, CHUNK, headersOf, rangedRegistry, SIZE } from '../support/ranged-registry.ts';
import { until } from '../support/until.ts';

const server = rangedRegistry();
/** So far on that all others can come before it. */
const [START, END] = [10 * CHUNK, 11 * CHUNK - 1];

/** Pulls the blob; its clock is a minute ahead, and the requests under way are looked at, whenever `look` is called. */
function pulling(options: Parameters<typeof openClient>[0] = {}) {
  let ahead = 0;
  let received = 0;
  let looks = () => {};
  const client = openClient({
    chunkSize: CHUNK,
    connections: 4,
    timeouts: { bodyMs: 60_000, headersMs: 60_000 },
    now: () => Date.now() + ahead,
    every: (_, call) => {
      looks = call;
      return () => {};
    },
    ...options,
  });
  const look = () => {
    ahead += 60_000;
    looks();
  };
  async function* counted(content: AsyncIterable<Part>): AsyncGenerator<Part> {
    for await (const part of content) {
      if ('bytes' in part) received += part.bytes.byteLength;
      yield part;
    }
  }
  const pulled = collect(counted(client.blob(repositoryAt(server.host), BLOB)));
  /** Resolves when all but one part is here, and that one is asked for over another connection. */
  const askedAgain = async () => {
    await until(() => received === SIZE - CHUNK);
    await until(() => {
      look();
      return server.requests.length > 17;
    });
  };
  return { client, look, pulled, askedAgain };
}

test.each([
  ['stands still', true],
  ['has no answer', false],
])('a part that %s is asked for over another connection, and the first request ends', async (_, begins) => {
  const closed = newDeferred<void>();
  server.instead = (asked, response) => {
    if (asked.from !== START || asked.before > 0) return false;
    response.on('close', closed.resolve);
    if (begins) response.writeHead(206, headersOf(asked)).write(asked.part.subarray(0, 10));
    return true;
  };
  const { client, askedAgain, pulled } = pulling();
  await askedAgain();
  const { bytes, error } = await pulled;
  expect(error).toBeUndefined();
  expect(digestOf(bytes)).toBe(BLOB.digest);
  await closed.promise;
  const range = `bytes=${START}-${END}`;
  expect(server.ranges().filter((one) => one.endsWith(`-${END}`))).toEqual([range, range]);
  expect(client.events).toEqual([]);
});

test('a part without an answer that nobody wants any more ends at once', async () => {
  const closed = newDeferred<void>();
  const isAsked = () => server.ranges().includes(`bytes=${START}-${END}`);
  server.instead = ({ from }, response) => {
    if (from === START) response.on('close', closed.resolve);
    if (from === START - CHUNK) void until(isAsked).then(() => response.writeHead(404).end());
    return from === START || from === START - CHUNK;
  };
  expect((await pulling().pulled).error).toMatchObject({ code: 'BLOB_UNKNOWN' });
  await closed.promise;
});

test('a part whose answer does not begin in time is asked for again, and that is said', async () => {
  server.instead = ({ from, before }) => from === START && before === 0;
  const client = openClient({ chunkSize: CHUNK, connections: 4, timeouts: { bodyMs: 1000 } });
  const { bytes, error } = await collect(client.blob(repositoryAt(server.host), BLOB));
  expect(error).toBeUndefined();
  expect(digestOf(bytes)).toBe(BLOB.digest);
  expect(client.events).toContainEqual(
    expect.objectContaining({ type: 'retry', attempt: 1, reason: expect.stringContaining('no answer, timed out') }),
  );
});

const REFUSED = { 'Retry-After': '40', 'Content-Length': 0 };
/** Waits that end with their signal alone. */
const forEver = (_: number, signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('woken'))));

test('a part that came over another connection is waited for by nobody, however long its host asks for', async () => {
  const refused = newDeferred<void>();
  server.instead = (asked, response) => {
    if (asked.from !== START) return false;
    if (asked.before === 0) void refused.promise.then(() => response.writeHead(429, REFUSED).end());
    else {
      response.writeHead(206, headersOf(asked)).write(asked.part.subarray(0, 10));
      refused.resolve();
      void until(() => client.events.length > 0).then(() => response.end(asked.part.subarray(10)));
    }
    return true;
  };
  const { client, askedAgain, pulled } = pulling({ sleep: forEver });
  await askedAgain();
  const { bytes, error } = await pulled;
  expect(error).toBeUndefined();
  expect(digestOf(bytes)).toBe(BLOB.digest);
  expect(client.events).toMatchObject([{ type: 'retry', asked: true }]);
});

test('a part that waits for its next try ends with its blob', async () => {
  const ended = newDeferred<void>();
  server.instead = ({ from }, response) => {
    if (from === START) response.writeHead(429, REFUSED).end();
    if (from === START - CHUNK) void until(() => client.events.length > 0).then(() => response.writeHead(404).end());
    return from === START || from === START - CHUNK;
  };
  const sleep = (ms: number, signal: AbortSignal) => forEver(ms, signal).finally(ended.resolve);
  const { client, pulled } = pulling({ sleep });
  expect((await pulled).error).toMatchObject({ code: 'BLOB_UNKNOWN' });
  await ended.promise;
});
