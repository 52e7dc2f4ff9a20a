import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type BagRegistry, bagRegistry, fetched } from '../support/bag-registry.ts';
import { imageBag } from '../support/image-builder.ts';
import { newRunner, type Runner } from '../support/runner.ts';
import { auditStore } from '../support/store-audit.ts';

const KILLS = 20;
/** So many on one store, before the next one begins empty. */
const KILLS_OF_A_STORE = 4;
/** Far more than will be used; the last is for measuring. */
const STORES = 3 * KILLS;
const SLOW = { bytes: 16_000, ms: 12 };
const SHAPES = [['base', 'run', 'one'], ['base', 'run', 'two'], ['base', 'three'], ['four'], ['five', 'six']];

let registry: BagRegistry;
let runner: Runner;
beforeAll(async () => {
  const bag = imageBag();
  registry = await bagRegistry(bag);
  for (const [at, layers] of SHAPES.entries()) {
    const amd = await bag.image({ layers, layerSize: 200_000 });
    const arm = await bag.image({ layers: [...layers, `arm${at}`], layerSize: 100_000, architecture: 'arm64' });
    // Each store has repositories of its own, so that the log tells who asked.
    for (let store = 0; store <= STORES; store += 1) bag.tag(`store${store}/app${at}`, '1', at % 2 === 0 ? bag.index([amd, arm]) : amd);
  }
  runner = await newRunner();
}, 30_000);
afterAll(async () => {
  await registry?.close();
  await runner?.dispose();
});

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const namesFor = (store: number) => SHAPES.map((_, at) => `${registry.host}/store${store}/app${at}:1`);
const folderOf = (store: number) => path.join(runner.folder, `store${store}`);
const pull = (store: number) => runner.start({ images: namesFor(store).join('\n'), platforms: 'all', engine: 'none', store: folderOf(store) });

/** Requests for one store from a moment of the log on; what the store held at that moment must not be among them. */
function expectNotAgain(store: number, since: number, held: ReadonlySet<string>): void {
  const lines = registry.lines().slice(since).filter((line) => line.includes(`/v2/store${store}/`));
  expect([...fetched(lines, 'blobs'), ...fetched(lines, 'manifests')].filter((digest) => held.has(digest))).toEqual([]);
}

/** One more run, to the end: it goes on from what is there, and all is there after it. */
async function finish(store: number): Promise<void> {
  const { blobs } = await auditStore(folderOf(store));
  const since = registry.requests.length;
  const { code, errors, stderr, outputs } = await (await pull(store)).done;
  expect({ code, errors, stderr }).toEqual({ code: 0, errors: [], stderr: '' });
  expectNotAgain(store, since, blobs);
  const { names } = await auditStore(folderOf(store));
  expect([...names.keys()]).toEqual(namesFor(store));
  expect(Object.fromEntries(names)).toEqual(JSON.parse(outputs.digests ?? ''));
}

async function firstRequest(since: number): Promise<void> {
  while (registry.requests.length === since) await sleep(5);
}

/** Milliseconds of an undisturbed cold run: until its first request, and from there on. */
async function measure(): Promise<{ start: number; work: number }> {
  const startedAt = performance.now();
  const step = await pull(STORES);
  await firstRequest(0);
  const askedAt = performance.now();
  await step.done;
  return { start: askedAt - startedAt, work: performance.now() - askedAt };
}

test(`killed at ${KILLS} random moments: the store is valid each time, and what was complete is never fetched again`, async () => {
  const seed = Date.now() % 2 ** 31;
  const random = chance(seed);
  const left = { nothing: 0, blobs: 0, names: 0 };
  let kills = 0;
  let store = 0;
  try {
    registry.pace = SLOW;
    const { start, work } = await measure();
    for (let here = 0; kills < KILLS; ) {
      const before = await auditStore(folderOf(store));
      const since = registry.requests.length;
      const step = await pull(store);
      // One in four while it starts, the others while it works.
      if (random() < 0.25) await sleep(start * random());
      else {
        await firstRequest(since);
        await sleep(work * random());
      }
      step.process.kill('SIGKILL');
      const { signal } = await step.done;
      expectNotAgain(store, since, before.blobs);
      const after = await auditStore(folderOf(store));
      expect([...after.blobs]).toEqual(expect.arrayContaining([...before.blobs]));
      expect([...after.names.keys()]).toEqual(expect.arrayContaining([...before.names.keys()]));
      if (signal !== null) {
        kills += 1;
        here += 1;
        left[after.names.size > 0 ? 'names' : after.blobs.size > 0 ? 'blobs' : 'nothing'] += 1;
      }
      // One that ended before it was killed has nothing left to break.
      if (signal !== null && here < KILLS_OF_A_STORE && kills < KILLS) continue;
      store += 1;
      here = 0;
    }
    // Together, for one that was killed with the lock in its hand keeps the next waiting for ten seconds.
    registry.pace = undefined;
    await Promise.all(Array.from({ length: store }, (_, number) => finish(number)));
  } catch (cause) {
    throw new Error(`after ${kills} kills, store${store}, seed ${seed}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  process.stderr.write(`killed ${KILLS} times (seed ${seed}), leaving ${JSON.stringify(left)}\n`);
}, 180_000);
