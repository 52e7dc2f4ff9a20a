import { expect, test } from '@jest/globals';
import { type Script, scriptedServer, sendJson } from './support/scripted-server.ts';
import { collect } from './support/store-blobs.ts';
import { bytes, CHUNK, descriptor, parts, rangeOf, threadPulls } from './support/thread-pulls.ts';
import { until } from './support/until.ts';

const { pulled } = threadPulls();

/** Refuses the first request for one part, which a thread asks for, and has all others. */
function refusing(refuse: Script): { script: Script; asked: () => number } {
  let asked = 0;
  return {
    script: (request, response) => {
      const [start] = rangeOf(request.headers.range);
      if (start !== 6 * CHUNK) return parts()(request, response);
      asked += 1;
      return asked === 1 ? refuse(request, response) : parts()(request, response);
    },
    asked: () => asked,
  };
}

test.each<[string, Script, number, object]>([
  [
    '429 with a Retry-After',
    (_, response) => response.writeHead(429, { 'Retry-After': '2', 'Content-Length': 0 }).end(),
    2100,
    { attempt: 1, asked: true, reason: expect.stringMatching(/^too many requests \(429 from 127/) },
  ],
  [
    '503 with words',
    (_, response) => sendJson(response, 503, { errors: [{ message: 'busy, retry-after: 3s' }] }),
    3150,
    { attempt: 1, asked: true, reason: expect.stringContaining('busy, retry-after: 3s') },
  ],
  [
    'a moment’s failure',
    (_, response) => response.writeHead(500, { 'Content-Length': 0 }).end(),
    500,
    { attempt: 1, reason: expect.stringContaining('500 Internal Server Error') },
  ],
])('what a thread is refused with %s is said, waited for and then asked for once more', async (_, refuse, ms, said) => {
  const { script, asked } = refusing(refuse);
  const { writing, store, client, server } = await pulled(script);
  await writing;
  expect(client.waits).toEqual([ms]);
  expect(client.events).toEqual([expect.objectContaining({ type: 'retry', delayMs: ms, ...said })]);
  expect(asked()).toBe(2);
  expect(server.requests).toHaveLength(13 + 1);
  expect((await collect(store.open(descriptor))).equals(bytes)).toBe(true);
});

test('a wait that a thread is asked for and that is too long ends the pull at once', async () => {
  const { script, asked } = refusing((_, response) => response.writeHead(429, { 'Retry-After': '900' }).end('words'));
  const { writing, client } = await pulled(script);
  await expect(writing).rejects.toMatchObject({
    code: 'TOOMANYREQUESTS',
    reason: expect.stringMatching(/^too many requests \(429 from 127.*: words\); it asks for a wait of 15m00s$/),
  });
  expect(client.waits).toEqual([]);
  expect(asked()).toBe(1);
});

test('a thread that is sent elsewhere asks there, and the registry once', async () => {
  let home = 0;
  const { writing, seen } = await pulled((request, response) => {
    if (request.path.endsWith('?here')) return parts()(request, response);
    home += 1;
    return response.writeHead(307, { Location: `${request.path}?here`, 'Content-Length': 0 }).end();
  });
  await writing;
  expect(seen).toEqual({ here: CHUNK, landed: bytes.byteLength - CHUNK });
  expect(home).toBe(13);
});

test('a thread whose token has run out asks once more, with another', async () => {
  let tokens = 0;
  let refused = 0;
  const { writing, seen, client } = await pulled((request, response) => {
    const { host, authorization } = request.headers;
    if (request.path.startsWith('/token')) {
      tokens += 1;
      return sendJson(response, 200, { token: `number-${tokens}` });
    }
    const [start] = rangeOf(request.headers.range);
    const isNew = authorization === 'Bearer number-2';
    if (isNew || (authorization && start < 6 * CHUNK)) return parts()(request, response);
    refused += 1;
    const challenge = `Bearer realm="http://${host}/token",service="x"`;
    return response.writeHead(401, { 'WWW-Authenticate': challenge, 'Content-Length': 0 }).end();
  });
  await writing;
  expect(tokens).toBe(2);
  // One without any, and those that were under way with the old one.
  expect(refused).toBeLessThanOrEqual(1 + 3);
  expect(client.events).toEqual([]);
  expect(seen).toEqual({ here: CHUNK, landed: bytes.byteLength - CHUNK });
});

test('what a thread could not bring from a mirror it brings from the registry, and nothing else', async () => {
  let hasRest = () => false;
  const mirror = await scriptedServer(async (request, response) => {
    if (rangeOf(request.headers.range)[0] !== 6 * CHUNK) return parts()(request, response);
    await until(hasRest);
    return response.writeHead(500, { 'Content-Length': 0 }).end();
  });
  const { writing, store, seen, client, server } = await pulled(parts(), { mirror: mirror.host });
  hasRest = () => seen.here + seen.landed === bytes.byteLength - CHUNK;
  await writing;
  expect(client.waits).toEqual([500]);
  expect(server.requests.map(({ headers }) => headers.range)).toEqual([`bytes=${6 * CHUNK}-${7 * CHUNK - 1}`]);
  expect((await collect(store.open(descriptor))).equals(bytes)).toBe(true);
});
