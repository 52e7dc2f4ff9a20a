import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_CONFIG } from '../../src/oci/media-types.ts';
import { collect, openClient, repositoryAt } from '../support/client.ts';
import { noise } from '../support/image-builder.ts';
import { scriptedRegistry } from '../support/scripted-registry.ts';
import { until } from '../support/until.ts';

const CHUNK = 64 * 1024;
/** A large blob, which comes in parts, and small ones. */
const BLOBS = [16 * CHUNK, ...Array<number>(5).fill(CHUNK)].map((size, index) => {
  const bytes = noise(`${index}`, size);
  return { bytes, descriptor: { mediaType: 'application/octet-stream', digest: digestOf(bytes), size } };
});

const config = Buffer.from('{"os":"linux"}');
const CONFIG = {
  bytes: config,
  descriptor: { mediaType: OCI_CONFIG, digest: digestOf(config), size: config.byteLength },
};

const server = scriptedRegistry();
let refused = 0;
beforeEach(() => {
  refused = 0;
});

/** A host that takes so many requests at once, and refuses all others. */
function takes(atOnce: number, status: number, headers: Record<string, string> = {}): void {
  let running = 0;
  server.script = async ({ path, headers: { range = '' } }, response) => {
    if (running >= atOnce) {
      refused += 1;
      return response.writeHead(status, { 'Content-Length': 0, ...headers }).end();
    }
    running += 1;
    // All blobs are asked for at once: nothing comes before each of those that are too many was refused.
    await until(() => refused >= BLOBS.length - atOnce);
    await sleep(5);
    // Nobody is to see the end of an answer that still counts.
    running -= 1;
    const bytes =
      [...BLOBS, CONFIG].find(({ descriptor }) => path.endsWith(descriptor.digest))?.bytes ?? Buffer.alloc(0);
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
    if (from === undefined) return response.writeHead(200, { 'Content-Length': bytes.byteLength }).end(bytes);
    const part = bytes.subarray(Number(from), Number(to) + 1);
    const of = { 'Content-Length': part.byteLength, 'Content-Range': `bytes ${from}-${to}/${bytes.byteLength}` };
    return response.writeHead(206, of).end(part);
  };
}

function pull(blobs = BLOBS) {
  const client = openClient({ chunkSize: CHUNK, connections: 8, every: () => () => {} });
  const pulls = blobs.map(({ descriptor }) => collect(client.blob(repositoryAt(server.host), descriptor)));
  const told = () => client.events.flatMap((event) => (event.type === 'retry' ? [event.attempt] : []));
  return { client, told, all: Promise.all(pulls) };
}

test.each([
  [503, {}, 500],
  [429, { 'Retry-After': '2' }, 2100],
])(
  'from a host that takes two requests at once, and answers %d to more, all of it comes',
  async (status, headers, ms) => {
    takes(2, status, headers);
    const { client, told, all } = pull();
    for (const [index, { bytes, error }] of (await all).entries()) {
      expect(error).toBeUndefined();
      expect(digestOf(bytes)).toBe(BLOBS[index]?.descriptor.digest);
    }
    // All but two at first, then one now and then, to see whether it takes more by now.
    expect(refused).toBeLessThan(12);
    expect(client.waits.length).toBe(refused);
    expect(Math.min(...client.waits)).toBe(ms);
    expect(told().length).toBeLessThan(refused);
  },
);

test('a small config, too, is asked for over one of the connections that such a host lets us have', async () => {
  takes(1, 503);
  const { client, all } = pull();
  // By then the client knows of a refusal.
  await until(() => client.waits.length > 0);
  const { bytes, error } = await collect(client.blob(repositoryAt(server.host), CONFIG.descriptor));
  expect(error).toBeUndefined();
  expect(bytes.equals(CONFIG.bytes)).toBe(true);
  for (const { error } of await all) expect(error).toBeUndefined();
});

test('so is one that was asked for before the host refused anything', async () => {
  const [, small = CONFIG] = BLOBS;
  let [asked, refusedConfigs, isTaken] = [0, 0, false];
  server.script = async ({ path }, response) => {
    const { bytes } = path.endsWith(CONFIG.descriptor.digest) ? CONFIG : small;
    asked += 1;
    if (isTaken) {
      refusedConfigs += 1;
      return response.writeHead(503, { 'Content-Length': 0 }).end();
    }
    if (bytes === small.bytes) {
      isTaken = true;
      await until(() => refusedConfigs > 0);
      // Whoever only waits for an answer has asked five times by then.
      await sleep(200);
      isTaken = false;
    }
    return response.writeHead(200, { 'Content-Length': bytes.byteLength }).end(bytes);
  };
  const { client, told, all } = pull([small]);
  await until(() => isTaken);
  const { bytes, error } = await collect(client.blob(repositoryAt(server.host), CONFIG.descriptor));
  expect(error).toBeUndefined();
  expect(bytes.equals(CONFIG.bytes)).toBe(true);
  expect([asked, told()]).toEqual([3, [1]]);
  await all;
});

test('from a host that takes none nothing comes, which is said once for each try, and the error says what may help', async () => {
  takes(0, 503);
  const { told, all } = pull();
  for (const { error } of await all)
    expect(error).toMatchObject({
      code: 'UNAVAILABLE',
      reason: expect.stringContaining('503'),
      hint: 'If it takes only so many connections at a time, lower max-concurrent-downloads.',
    });
  expect(told()).toEqual([1, 2, 3, 4]);
});

test('where one request was refused there is nothing to lower', async () => {
  takes(0, 429);
  const [ending] = await pull(BLOBS.slice(1, 2)).all;
  expect(ending?.error).toMatchObject({
    code: 'TOOMANYREQUESTS',
    hint: `Log in to ${server.host} with docker/login-action, or pull fewer images at a time.`,
  });
});
