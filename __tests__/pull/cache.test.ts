import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Digest, hexOf } from '../../src/oci/digest.ts';
import { blobPath } from '../../src/oci/layout.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { KeptImage, PullOutcome } from '../../src/outcome.ts';
import { layerKey, packKey, tagPrefix } from '../../src/pull/cache-keys.ts';
import { saveImages, saveTags } from '../../src/pull/save.ts';
import type { RawSettings } from '../../src/settings.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { type Entries, memoryCache } from '../fakes/memory-cache.ts';
import { type Flow, flowOver } from '../support/flow.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { tempFolder } from '../support/store-blobs.ts';

const MB = 1024 * 1024;
const LIMITS = { bytes: 2e9, entries: 40 };

let bag: ImageBag;
let flow: Flow;
let entries: Entries;
const disposals: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  bag = imageBag();
  flow = await flowOver(bag);
  entries = new Map();
});
afterEach(async () => {
  await flow.close().catch(() => {});
  for (const dispose of disposals.splice(0)) await dispose();
});

interface Job {
  readonly outcome: PullOutcome;
  readonly kept: readonly KeptImage[];
  readonly calls: readonly string[];
  readonly saved: readonly string[];
}

/** A job on a fresh runner: a store of its own, the repository's cache; at its end it saves what it may. */
async function job(raw: RawSettings, limits = LIMITS): Promise<Job> {
  const folder = await tempFolder();
  disposals.push(folder.dispose);
  const store = await openStore(folder.path);
  const cache = memoryCache({ entries });
  const before = flow.events.length;
  const outcome = await flow.pull(raw, { store, cache: { ...cache, close: async () => {} } });
  const kept = flow.events.slice(before).flatMap((event) => (event.type === 'kept' ? [event.image] : []));
  const calls = [...cache.calls];
  const ports = { cache, store, now: Date.now, signal: new AbortController().signal };
  const known = new Set(entries.keys());
  const saved = await saveImages(kept, limits, ports, (digest) => path.join(folder.path, blobPath(digest)));
  const pointer = { name: 'oci-layout', path: path.join(folder.path, 'oci-layout') };
  await saveTags(kept, ports, pointer, limits.entries - saved.entries);
  await cache.close();
  return { outcome, kept, calls, saved: [...entries.keys()].filter((key) => !known.has(key)).sort() };
}

const errors = ({ outcome }: Job) => outcome.images.map(({ error }) => error?.message);
const at = (text: string) => parseReference(text.replace('HOST', flow.server.host));
const layersOf = (digest: Digest): Digest[] =>
  JSON.parse(Buffer.from(bag.blobs.get(digest)?.bytes ?? []).toString()).layers.map(
    (layer: { digest: Digest }) => layer.digest,
  );

describe('a second job on a fresh runner', () => {
  test('asks the registry for the tag and for nothing else', async () => {
    const amd = await bag.image({ layers: ['base'], layerSize: 17 * MB });
    bag.tag('app', '1', bag.index([amd, await bag.image({ layers: ['other'], architecture: 'arm64' })]));
    const first = await job({ images: 'HOST/app:1' });
    const index = bag.catalog.find('app', '1')?.digest as Digest;
    expect(first.saved).toEqual([
      packKey(index, 'linux/amd64'),
      ...layersOf(amd.digest).map(layerKey),
      expect.stringContaining(tagPrefix(at('HOST/app:1'))),
    ]);
    flow.requests();
    const second = await job({ images: 'HOST/app:1' });
    expect(errors(second)).toEqual([undefined]);
    expect(flow.requests()).toEqual(['HEAD /v2/app/manifests/1']);
    expect(second.outcome.cacheHit).toBe(true);
    expect(second.outcome.images[0]?.source).toBe('cache');
    expect(second.outcome.totals).toMatchObject({ downloaded: 0, pullsSaved: 1 });
    expect(second.outcome.totals.cache.bytes).toBeGreaterThan(17 * MB);
    expect(second.saved).toEqual([]);
  }, 20_000);

  test('by digest asks nothing, and goes on though the registry is gone; by tag with a warning that names digest and age', async () => {
    const target = await bag.image({ layers: ['base', 'top'] });
    bag.tag('app', '1', target);
    await job({ images: 'HOST/app:1' });
    flow.requests();
    const { host } = flow.server;
    await job({ images: `${host}/app@${target.digest}` });
    expect(flow.requests()).toEqual([]);
    await flow.close();
    const byDigest = await job({ images: `${host}/app@${target.digest}\n${host}/app:1@${target.digest}` });
    expect(errors(byDigest)).toEqual([undefined, undefined]);
    const byTag = await job({ images: `${host}/app:1` });
    expect(errors(byTag)).toEqual([undefined]);
    expect(byTag.outcome.images[0]?.digest).toBe(target.digest);
    const warning = flow.events.findLast((event) => event.type === 'warning');
    expect(warning?.message).toMatch(
      new RegExp(`connection refused; using the digest that ${host}/app:1 had \\d+ seconds? ago, ${target.digest}$`),
    );
    const strict = await job({ images: `${host}/app:1`, 'on-registry-error': 'fail' });
    expect(errors(strict)[0]).toContain('connection refused');
    const never = await job({ images: `${host}/app:1`, 'pull-policy': 'never' });
    expect(errors(never)).toEqual([undefined]);
  });

  test('finds a tag where it went last, though it was there before: A, B, A', async () => {
    const [a, b] = [await bag.image({ layers: ['a'] }), await bag.image({ layers: ['b'] })];
    for (const target of [a, b, a]) {
      bag.tag('app', '1', target);
      await job({ images: 'HOST/app:1' });
    }
    const { host } = flow.server;
    await flow.close();
    const last = await job({ images: `${host}/app:1` });
    expect(last.outcome.images[0]?.digest).toBe(a.digest);
  });
});

describe('what is saved', () => {
  test('of a rebuilt tag is only the new layer and a new pack', async () => {
    bag.tag('app', '1', await bag.image({ layers: ['base'], layerSize: 17 * MB }));
    await job({ images: 'HOST/app:1' });
    const rebuilt = await bag.image({ layers: ['base', 'top'], layerSize: 17 * MB });
    bag.tag('app', '1', rebuilt);
    flow.requests();
    const { saved, outcome } = await job({ images: 'HOST/app:1' });
    const [base, top] = layersOf(rebuilt.digest);
    expect(saved).toEqual([
      packKey(rebuilt.digest, 'linux/amd64'),
      layerKey(top as Digest),
      expect.stringContaining('-tag-'),
    ]);
    expect(outcome.images[0]?.platforms[0]?.layers.map(({ digest, source }) => [digest, source])).toEqual([
      [base, 'cache'],
      [top, 'registry'],
    ]);
    expect(flow.requests().filter((request) => request.includes(String(base)))).toEqual([]);
  }, 30_000);

  test('of two images with one base is the base once', async () => {
    bag.tag('one', '1', await bag.image({ layers: ['base'], layerSize: 17 * MB }));
    bag.tag('two', '1', await bag.image({ layers: ['base'], layerSize: 17 * MB, config: { author: 'two' } }));
    const { saved } = await job({ images: 'HOST/one:1\nHOST/two:1' });
    expect(saved.filter((key) => key.startsWith('pull-image-v1-sha256-'))).toHaveLength(1);
    const { calls } = await job({ images: 'HOST/one:1\nHOST/two:1' });
    expect(calls.filter((call) => call.startsWith('restore pull-image-v1-sha256-'))).toHaveLength(1);
  }, 30_000);

  test('of another platform are its own parts; what the platforms share is found', async () => {
    const index = bag.index([
      await bag.image({ layers: ['base'], layerSize: 17 * MB }),
      await bag.image({ layers: ['base', 'arm'], layerSize: 17 * MB, architecture: 'arm64' }),
    ]);
    bag.tag('app', '1', index);
    await job({ images: 'HOST/app:1', platforms: 'linux/amd64' });
    const { saved, outcome } = await job({ images: 'HOST/app:1', platforms: 'linux/arm64' });
    expect(outcome.images[0]?.platforms[0]?.layers.map(({ source }) => source)).toEqual(['cache', 'registry']);
    expect(saved).toHaveLength(2);
    expect(saved[0]).toBe(packKey(index.digest, 'linux/arm64'));
  }, 30_000);

  test('is nothing if no registry sent anything, and nothing of an image that failed', async () => {
    bag.tag('app', '1', await bag.image({ layers: ['base'] }));
    await job({ images: 'HOST/app:1' });
    expect((await job({ images: 'HOST/app:1\nHOST/gone:1' })).saved).toEqual([]);
  });

  test('stays within the limits, largest layers first, and the rest is counted', async () => {
    bag.tag('app', '1', await bag.image({ layers: ['a', 'b'], layerSize: 17 * MB }));
    const { saved } = await job({ images: 'HOST/app:1' }, { bytes: 20 * MB, entries: 40 });
    expect(saved.filter((key) => key.startsWith('pull-image-v1-sha256-'))).toHaveLength(1);
    expect((await job({ images: 'HOST/app:1' }, { bytes: 2e9, entries: 1 })).saved).toHaveLength(1);
  }, 30_000);
});

test('the pack of a second platform is opened though the store has the index already', async () => {
  const index = bag.index([
    await bag.image({ layers: ['base'] }),
    await bag.image({ layers: ['arm'], architecture: 'arm64' }),
  ]);
  bag.tag('app', '1', index);
  await job({ images: 'HOST/app:1', platforms: 'linux/amd64' });
  await job({ images: 'HOST/app:1', platforms: 'linux/arm64' });
  const folder = await tempFolder();
  disposals.push(folder.dispose);
  const store = await openStore(folder.path);
  const pulled = (platforms: string) =>
    flow.pull(
      { images: `HOST/app@${index.digest}`, platforms, 'pull-policy': 'never' },
      { store, cache: memoryCache({ entries }) },
    );
  flow.requests();
  for (const platform of ['linux/amd64', 'linux/arm64']) {
    expect((await pulled(platform)).images[0]?.error).toBeUndefined();
  }
  expect(flow.requests()).toEqual([]);
});

describe('an entry that lies', () => {
  const wrongAt = (key: string, change: (files: Map<string, Uint8Array>) => void) => {
    const files = new Map(entries.get(key));
    change(files);
    entries.set(key, files);
  };

  test.each<[string, (files: Map<string, Uint8Array>) => void]>([
    [
      'wrong bytes',
      (files) => void [...files].forEach(([name, bytes]) => void files.set(name, Buffer.alloc(bytes.byteLength))),
    ],
    [
      'a truncated file',
      (files) => void [...files].forEach(([name, bytes]) => void files.set(name, bytes.subarray(0, 10))),
    ],
    ['nothing', (files) => files.clear()],
    [
      'other files',
      (files) => {
        files.clear();
        files.set('sha256-evil', Buffer.from('x'));
      },
    ],
    ['files besides', (files) => void files.set(`sha256-${'0'.repeat(64)}`, Buffer.from('x'))],
  ])(
    'with %s costs a request, never the image',
    async (_, change) => {
      const target = await bag.image({ layers: ['base'], layerSize: 17 * MB });
      bag.tag('app', '1', target);
      await job({ images: 'HOST/app:1' });
      for (const key of entries.keys()) wrongAt(key, change);
      const again = await job({ images: 'HOST/app:1' });
      expect(errors(again)).toEqual([undefined]);
      expect(again.outcome.images[0]?.digest).toBe(target.digest);
      const [layer] = layersOf(target.digest);
      expect(again.outcome.images[0]?.platforms[0]?.layers[0]?.digest).toBe(layer);
      expect(hexOf(target.digest)).toHaveLength(64);
    },
    30_000,
  );
});
