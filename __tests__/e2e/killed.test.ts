import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type BagRegistry, bagRegistry, fetched } from '../support/bag-registry.ts';
import { imageBag } from '../support/image-builder.ts';
import { newRunner, type Runner, type Step } from '../support/runner.ts';
import { type Audit, auditStore } from '../support/store-audit.ts';

const KILLS = 20;
/** So many on one store, before the next one begins empty. */
const KILLS_OF_A_STORE = 4;
const AT_ONCE = KILLS / KILLS_OF_A_STORE;
/** Far more than will be used. */
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
    for (let store = 0; store < STORES; store += 1)
      bag.tag(`store${store}/app${at}`, '1', at % 2 === 0 ? bag.index([amd, arm]) : amd);
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
const pull = (store: number) =>
  runner.start({ images: namesFor(store).join('\n'), platforms: 'all', engine: 'none', store: folderOf(store) });

/** Requests for one store from a moment of the log on; what the store held at that moment must not be among them. */
function expectNotAgain(store: number, since: number, held: ReadonlySet<string>): void {
  const lines = registry
    .lines()
    .slice(since)
    .filter((line) => line.includes(`/v2/store${store}/`));
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

const requestsFor = (store: number) => registry.lines().filter((line) => line.includes(`/v2/store${store}/`)).length;

/** Waits for a request, but not for one that ended without, nor for one that waits itself: for the lock of the one killed before it. */
async function firstRequest({ process }: Step, store: number, before = 0): Promise<void> {
  const since = performance.now();
  while (requestsFor(store) === before && process.exitCode === null && performance.now() - since < 2000) await sleep(5);
}

/** Milliseconds of an undisturbed cold run: until its first request, and from there on. */
async function measure(store: number): Promise<{ start: number; work: number }> {
  const startedAt = performance.now();
  const step = await pull(store);
  await firstRequest(step, store);
  const askedAt = performance.now();
  expect((await step.done).stderr).toBe('');
  return { start: askedAt - startedAt, work: performance.now() - askedAt };
}

/** Starts a run, kills it at a moment that chance names, and looks at what is left; false if the run was done before. */
async function killOnce(store: number, moment: Moment): Promise<Audit | false> {
  const before = await auditStore(folderOf(store));
  const [since, asked] = [registry.requests.length, requestsFor(store)];
  const step = await pull(store);
  if (!moment.whileStarting) await firstRequest(step, store, asked);
  await sleep(moment.ms);
  step.process.kill('SIGKILL');
  const { signal, stderr } = await step.done;
  expect(stderr).toBe('');
  expectNotAgain(store, since, before.blobs);
  const after = await auditStore(folderOf(store));
  expect([...after.blobs]).toEqual(expect.arrayContaining([...before.blobs]));
  expect([...after.names.keys()]).toEqual(expect.arrayContaining([...before.names.keys()]));
  return signal !== null && after;
}

interface Moment {
  readonly whileStarting: boolean;
  readonly ms: number;
}

test(`killed at ${KILLS} random moments: the store is valid each time, and what was complete is never fetched again`, async () => {
  const seed = Date.now() % 2 ** 31;
  const random = chance(seed);
  const left = { nothing: 0, blobs: 0, names: 0 };
  registry.pace = SLOW;
  // As many at once as later, for that is what makes them slow.
  const measured = await Promise.all(Array.from({ length: AT_ONCE }, (_, store) => measure(store)));
  const start = Math.max(...measured.map((times) => times.start));
  const work = Math.max(...measured.map((times) => times.work));
  let stores = AT_ONCE;
  const finishing: Promise<void>[] = [];

  // One in four is killed while it starts, the others while they work.
  const moment = (): Moment =>
    random() < 0.25 ? { whileStarting: true, ms: start * random() } : { whileStarting: false, ms: work * random() };

  async function wear(): Promise<void> {
    for (let kills = 0; kills < KILLS_OF_A_STORE; ) {
      const store = stores;
      stores += 1;
      // A run that is done leaves nothing to break: then on to an empty store.
      for (let after: Audit | false; kills < KILLS_OF_A_STORE; kills += 1) {
        after = await killOnce(store, moment());
        if (!after) break;
        left[after.names.size > 0 ? 'names' : after.blobs.size > 0 ? 'blobs' : 'nothing'] += 1;
      }
      const finished = finish(store);
      finished.catch(() => {});
      finishing.push(finished);
    }
  }

  try {
    // Side by side, for whoever is killed with the lock in his hand keeps the next one waiting for ten seconds.
    await Promise.all(Array.from({ length: AT_ONCE }, wear));
    await Promise.all(finishing);
  } catch (cause) {
    throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  expect(left.nothing + left.blobs + left.names).toBe(KILLS);
  process.stderr.write(`killed ${KILLS} times (seed ${seed}), leaving ${JSON.stringify(left)}\n`);
}, 180_000);
