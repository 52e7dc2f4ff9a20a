import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type BagRegistry, bagRegistry } from '../support/bag-registry.ts';
import { imageBag } from '../support/image-builder.ts';
import { newRunner, type Runner } from '../support/runner.ts';
import { auditStore, unfinished } from '../support/store-audit.ts';

const PROCESSES = 4;
const IMAGES = 6;

let registry: BagRegistry;
let runner: Runner;
const digests: Record<string, string> = {};
beforeAll(async () => {
  const bag = imageBag();
  registry = await bagRegistry(bag);
  // Slow enough for all four to be at work on the same blobs.
  registry.pace = { bytes: 16_000, ms: 10 };
  for (let at = 0; at < IMAGES + PROCESSES; at += 1) {
    const target = await bag.image({ layers: ['base', `layer${at % 3}`, `top${at}`], layerSize: 150_000 });
    bag.tag(`acme/app${at}`, '1', target);
    digests[`${registry.host}/acme/app${at}:1`] = target.digest;
  }
  runner = await newRunner();
}, 30_000);
afterAll(async () => {
  await registry?.close();
  await runner?.dispose();
});

test('four jobs of one runner at once: all end well, every name is there, every blob is whole, nothing is left over', async () => {
  const all = Object.keys(digests);
  // All pull the first six, each from another one on, and one of its own.
  const wanted = Array.from({ length: PROCESSES }, (_, job) => {
    const shared = Array.from({ length: IMAGES }, (_, at) => all[(at + job) % IMAGES] ?? '');
    return [...shared, all[IMAGES + job] ?? ''];
  });
  const steps = await Promise.all(wanted.map((images) => runner.start({ images: images.join('\n'), engine: 'none' })));
  const results = await Promise.all(steps.map((step) => step.done));

  for (const [job, { code, errors, stderr, outputs }] of results.entries()) {
    expect({ code, errors, stderr }).toEqual({ code: 0, errors: [], stderr: '' });
    expect(JSON.parse(outputs.digests ?? '')).toEqual(
      Object.fromEntries((wanted[job] ?? []).map((key) => [key, digests[key]])),
    );
  }
  const stores = new Set(results.map(({ outputs }) => outputs.store));
  expect(stores.size).toBe(1);
  const [store = ''] = stores;
  const { names, blobs } = await auditStore(store);
  expect(names).toEqual(new Map(Object.entries(digests)));
  // 10 manifests, configs and tops; a base and three layers.
  expect(blobs.size).toBe(10 * 3 + 1 + 3);
  expect(await unfinished(store)).toEqual([]);

  registry.pace = undefined;
  registry.fresh();
  const again = await runner.run({ images: all.join('\n'), engine: 'none' });
  expect({ code: again.code, hit: again.outputs['cache-hit'], store: again.outputs.store }).toEqual({
    code: 0,
    hit: 'true',
    store,
  });
  expect(registry.fresh().filter((line) => !line.startsWith('HEAD'))).toEqual([]);
}, 60_000);
