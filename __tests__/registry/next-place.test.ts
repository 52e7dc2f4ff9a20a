import type { ServerResponse } from 'node:http';
import { beforeEach, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import type { Part } from '../../src/ports.ts';
import type { RegistryOptions } from '../../src/registry/registry.ts';
import { collect, openClient } from '../support/client.ts';
import {
  type Asked,
  answer,
  askedOf,
  BLOB,
  CHUNK,
  headersOf,
  rangedRegistry,
  SIZE,
  whole,
} from '../support/ranged-registry.ts';
import { type ScriptedServer, scriptedServer } from '../support/scripted-server.ts';
import { until } from '../support/until.ts';

/** The registry itself, which has all of the blob. */
const home = rangedRegistry();
let ahead: number;
beforeEach(() => {
  ahead = 0;
});

/** Pulls the blob from a mirror that has it, but for what it does instead; the clock is ahead as the test says. */
async function pulling(
  instead: (asked: Asked, response: ServerResponse) => unknown,
  options: Partial<RegistryOptions> = {},
) {
  const mirror: ScriptedServer = await scriptedServer((request, response) => {
    const asked = askedOf(request, mirror.requests);
    if (!asked) whole(response);
    else if (!instead(asked, response)) answer(asked, response);
  });
  const client = openClient({
    chunkSize: CHUNK,
    connections: 4,
    mirrors: [{ registry: home.host, domain: mirror.host, prefix: '' }],
    now: () => Date.now() + ahead,
    every: () => () => {},
    ...options,
  });
  let received = 0;
  async function* counted(content: AsyncIterable<Part>): AsyncGenerator<Part> {
    for await (const part of content) {
      if ('bytes' in part) received += part.bytes.byteLength;
      yield part;
    }
  }
  const pulled = collect(counted(client.blob({ domain: home.host, path: 'acme/app' }, BLOB)));
  const comesWhole = async () => {
    const { bytes, error } = await pulled;
    expect(error).toBeUndefined();
    expect(digestOf(bytes)).toBe(BLOB.digest);
  };
  return { mirror, client, received: () => received, pulled, comesWhole };
}

test('a mirror that falls silent after its first part is left at once, and what it brought does not come again', async () => {
  const held: ServerResponse[] = [];
  const { client, received, comesWhole } = await pulling((asked, response) => {
    if (asked.from === 0) return false;
    response.writeHead(206, headersOf(asked)).flushHeaders();
    return held.push(response);
  });
  await until(() => received() === CHUNK && held.length === 4);
  ahead = 30_000;
  for (const response of held) response.destroy();
  await comesWhole();
  expect(client.waits).toEqual([]);
  expect(home.askedTwice()).toBe(-CHUNK);
  expect(client.events).toMatchObject([{ type: 'mirror', problem: expect.stringContaining('the connection ') }]);
});

const NO_WORDS = { 'Content-Length': 0 };
test.each<[string, number[], (asked: Asked, response: ServerResponse) => unknown]>([
  [
    'breaks off',
    [500],
    (asked, response) => {
      response.writeHead(206, headersOf(asked)).flushHeaders();
      response.destroy();
    },
  ],
  ['answers 500 to', [500], (_, response) => response.writeHead(500, NO_WORDS).end()],
  ['answers 416 to', [500], (_, response) => response.writeHead(416, NO_WORDS).end()],
  // The first of them came while others got on: then it was too early, and no try.
  ['answers 503 to', [500, 500], (_, response) => response.writeHead(503).end()],
])('a mirror that %s one part again and again leaves that, and no other, to the registry', async (_, waits, fail) => {
  const failing = 9 * CHUNK;
  const { client, mirror, received, comesWhole } = await pulling((asked, response) => {
    if (asked.from !== failing) return false;
    // All that can come before has come by then.
    void until(() => received() === SIZE - CHUNK).then(() => fail(asked, response));
    return true;
  });
  await comesWhole();
  expect(client.waits).toEqual(waits);
  expect(home.ranges()).toEqual([`bytes=${failing}-${failing + CHUNK - 1}`]);
  expect(mirror.requests).toHaveLength(17 + waits.length);
});

test('a mirror that asks for a wait in the middle is left at once', async () => {
  const { client, comesWhole } = await pulling(
    ({ from }, response) =>
      from >= 9 * CHUNK && response.writeHead(429, { 'Retry-After': '30', 'Content-Length': 0 }).end(),
  );
  await comesWhole();
  expect(client.waits).toEqual([]);
  expect(home.askedTwice()).toBeLessThan(-4 * CHUNK);
});

test('the last place that is left is tried as often as ever', async () => {
  home.instead = ({ from }, response) => from === 4 * CHUNK && response.destroy();
  const { client, pulled } = await pulling((_, response) => response.writeHead(404).end());
  expect((await pulled).error).toMatchObject({ code: 'UNAVAILABLE' });
  expect(client.waits).toEqual([500, 1000, 4000, 10_000]);
});

test('blobs that wait for a connection to a mirror go elsewhere once that has fallen silent', async () => {
  const mirror = await scriptedServer(() => {});
  home.insteadOfWhole = (response) => response.writeHead(200).end('abc');
  const client = openClient({
    chunkSize: CHUNK,
    connections: 1,
    mirrors: [{ registry: home.host, domain: mirror.host, prefix: '' }],
    timeouts: { headersMs: 500 },
  });
  const small = ['a', 'b'].map((name) => ({ mediaType: name, digest: digestOf(Buffer.from(name)), size: 3 }));
  const pull = (blob: typeof BLOB) => collect(client.blob({ domain: home.host, path: 'acme/app' }, blob));
  const [one, other, large] = await Promise.all([...small, BLOB].map(pull));
  expect([String(one?.bytes), String(other?.bytes), digestOf(large?.bytes ?? '')]).toEqual(['abc', 'abc', BLOB.digest]);
  expect(mirror.requests).toHaveLength(1);
  expect(client.events).toMatchObject([{ type: 'mirror', over: true }]);
});
