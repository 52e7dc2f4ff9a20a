import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import type { Registry, Store } from '../../src/ports.ts';
import { readThroughTo } from '../../src/server/read-through.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { type BagRegistry, bagRegistry, fetched } from '../support/bag-registry.ts';
import { type Served, served } from '../support/serving.ts';
import { type Made, makeIndex } from '../support/stored-image.ts';

const APP = { domain: 'docker.io', path: 'library/app' };
const MANY = 32;
const LAYERS = Array.from({ length: 12 }, (_, n) => `layer ${n}`);

let image: Made;
let upstream: BagRegistry;
let registry: Served;
let layers: readonly Descriptor[];
let large: string;
/** Which registry is meant; Docker Hub, of which ours is a mirror, if it says nothing. */
let query: string;
/** Answers of upstream whose bytes the test sends. */
let held: { readonly response: ServerResponse; readonly bytes: Buffer }[];
let holding: boolean;
beforeEach(async () => {
  // Readers get a large one by the MiB, a small one as a whole.
  image = await makeIndex(
    { layers: LAYERS, layerSize: 100_000 },
    { layers: ['large'], layerSize: 2_500_000, architecture: 'arm64' },
  );
  image.bag.tag('library/app', '1', image.target);
  [held, holding, query] = [[], false, ''];
  upstream = await bagRegistry(image.bag, (route, response) => {
    if (!holding || route.kind !== 'blob') return false;
    const bytes = bytesOf(route.digest);
    response.writeHead(200, { 'Content-Length': bytes.byteLength });
    held.push({ response, bytes });
    return true;
  });
  // More than are ever asked for, so that nothing which was asked for twice waits unseen.
  const inputs = { mirrors: `docker.io=${upstream.host}`, 'max-concurrent-downloads': '100' };
  // Who asks is to be known as asking while upstream has not given a byte.
  registry = await served(inputs, undefined, { patienceMs: 0 });
});
afterEach(async () => {
  await registry.dispose();
  await upstream.close();
});

const bytesOf = (digest: string) => Buffer.from(image.bag.blobs.get(digest as Descriptor['digest'])?.bytes ?? []);
const many = <T>(work: (n: number) => Promise<T>, count = MANY) =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)));

/** Everything that comes before blobs. */
async function askForManifests(): Promise<void> {
  const json = async (at: string) => (await registry.ask('GET', `library/app/manifests/${at}${query}`)).json();
  const layersOf = async ({ digest }: Descriptor) => ((await json(digest)) as { layers: Descriptor[] }).layers;
  const { manifests } = (await json('1')) as { manifests: readonly Descriptor[] };
  const [small = [], big = []] = await Promise.all(manifests.map(layersOf));
  [layers, large] = [small, big[0]?.digest ?? ''];
}

/** Asks for a blob; its bytes as they come. */
async function ask(digest: string) {
  const { status, body } = await registry.ask('GET', `library/app/blobs/${digest}${query}`);
  const reader = body?.getReader();
  const parts: Uint8Array[] = [];
  return {
    status,
    async some() {
      const { value } = (await reader?.read()) ?? {};
      if (value) parts.push(value);
    },
    async all() {
      for (let next = await reader?.read(); next?.value; next = await reader?.read()) parts.push(next.value);
      return Buffer.concat(parts);
    },
  };
}

test('all who ask before upstream gave a byte, in its midst, and as it ends, share one download', async () => {
  await askForManifests();
  holding = true;
  upstream.fresh();
  const early = await many(() => ask(large));
  while (held.length === 0) await new Promise(setImmediate);
  const [{ response, bytes } = { response: undefined, bytes: Buffer.of() }] = held;
  response?.write(bytes.subarray(0, 1_500_000));
  // Each of them has got bytes, and there is one answer they can come from.
  await Promise.all(early.map(({ some }) => some()));
  const midst = await many(() => ask(large));
  await Promise.all(midst.map(({ some }) => some()));
  response?.end(bytes.subarray(1_500_000));
  const late = await many((n) => new Promise((resolve) => setTimeout(resolve, n / 4)).then(() => ask(large)));
  const all = await Promise.all([...early, ...midst, ...late].map((one) => one.all()));
  expect(all.every((got) => got.equals(bytes))).toBe(true);
  // Small ones end while others still ask.
  holding = false;
  for (const { digest } of layers) {
    const got = await many(async () => (await ask(digest)).all());
    expect(got.every((one) => one.equals(bytesOf(digest)))).toBe(true);
  }
  expect(fetched(upstream.fresh(), 'blobs')).toEqual([large, ...layers.map(({ digest }) => digest)]);
}, 60_000);

test('one that ends while the disk is asked for the blob is not followed by another', async () => {
  const [, layer] = image.blobs;
  if (!layer) throw new Error('an image without layers');
  const real = await openStore(registry.store);
  let looks = 0;
  let asked = 0;
  const store: Store = {
    ...real,
    async has(blob) {
      looks += 1;
      if (looks !== 1) return real.has(blob);
      // Everything that another client wants happens between the look and its answer.
      const absent = await real.has(blob);
      for await (const _ of through.source(APP).open(layer));
      return absent;
    },
  };
  const source: Partial<Registry> = {
    blob(_, blob) {
      asked += 1;
      return image.bag.source.open(blob);
    },
  };
  const through = readThroughTo({ registry: source as Registry, store, readable: () => undefined, now: () => 0 });
  const parts: Uint8Array[] = [];
  for await (const part of through.source(APP).open(layer)) parts.push(part);
  expect(Buffer.concat(parts).equals(bytesOf(layer.digest))).toBe(true);
  expect(asked).toBe(1);
});

test('all who ask at once for a tag or a manifest share what upstream counts', async () => {
  const asked: string[] = [];
  const { digest, mediaType } = image.target;
  const source: Partial<Registry> = {
    async resolve(_, tag) {
      asked.push(tag);
      return { digest };
    },
    async manifest(_, digest) {
      asked.push(digest);
      return { mediaType, digest, bytes: bytesOf(digest) };
    },
  };
  const store = await openStore(registry.store);
  const through = readThroughTo({ registry: source as Registry, store, readable: () => undefined, now: () => 0 });
  const found = await many((n) => through.manifest(APP, n % 2 ? '1' : digest));
  expect(new Set(found.map((one) => one.digest))).toEqual(new Set([digest]));
  expect(asked.sort()).toEqual(['1', digest]);
});

test('a download that fails ends for all who share it, and the next who asks begins another', async () => {
  // A mirror that gave wrong bytes would not be asked again.
  query = `?ns=${upstream.host}`;
  await askForManifests();
  holding = true;
  const [{ digest } = { digest: '' }] = layers;
  const answers = await many(() => ask(digest), 4);
  while (held.length === 0) await new Promise(setImmediate);
  for (const { response, bytes } of held) response.end(Buffer.alloc(bytes.byteLength, 'x'));
  const ends = await Promise.allSettled(answers.map(({ all }) => all()));
  expect(ends.map(({ status }) => status)).toEqual(answers.map(() => 'rejected'));
  holding = false;
  expect((await (await ask(digest)).all()).equals(bytesOf(digest))).toBe(true);
}, 30_000);
