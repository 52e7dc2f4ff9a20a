import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { storeContents } from '../../src/store/contents.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { type BagRegistry, bagRegistry, fetched } from '../support/bag-registry.ts';
import { refusalOf, type Served, served } from '../support/serving.ts';
import { listedNames, type Made, makeIndex, putImage } from '../support/stored-image.ts';

let image: Made & { readonly manifests: readonly Made['target'][] };
let upstream: BagRegistry;
let registry: Served;
beforeEach(async () => {
  image = await makeIndex({ layers: ['base', 'app'], layerSize: 200_000 }, { layers: ['arm'], architecture: 'arm64' });
  image.bag.tag('library/app', '1', image.target);
  for (const child of image.manifests) image.bag.tag('library/app', child.digest, child);
  upstream = await bagRegistry(image.bag);
  registry = await served({ mirrors: `docker.io=${upstream.host}`, 'max-concurrent-downloads': '4' });
});
afterEach(async () => {
  await registry.dispose();
  await upstream.close();
});

const get = async (at: string) => {
  const answer = await registry.ask('GET', at);
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
};

/** As an engine pulls: the tag, the manifest of its platform, the blobs, several at once. */
async function pullThrough(platform = 0): Promise<Buffer[]> {
  expect((await registry.ask('HEAD', 'library/app/manifests/1')).status).toBe(200);
  expect((await get('library/app/manifests/1')).bytes.equals(bytesOf(image.target.digest))).toBe(true);
  const { bytes } = await get(`library/app/manifests/${image.manifests[platform]?.digest}`);
  const { config, layers } = JSON.parse(bytes.toString());
  const blobs = [config, ...layers].map(({ digest }: { digest: string }) => digest);
  const got = await Promise.all(blobs.map((digest) => get(`library/app/blobs/${digest}`)));
  expect(got.map(({ bytes }, at) => bytes.equals(bytesOf(blobs[at] ?? '')))).toEqual(blobs.map(() => true));
  return got.map(({ bytes }) => bytes);
}
const bytesOf = (digest: string) => Buffer.from(image.bag.blobs.get(digest as Made['target']['digest'])?.bytes ?? []);

async function untilNamed(): Promise<readonly string[]> {
  for (let tries = 0; tries < 100; tries += 1) {
    const names = await listedNames(registry.store);
    if (names.length > 0) return names;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return [];
}

test('what is not here comes from upstream once, is named as a pull names it, and is then served with upstream gone', async () => {
  await pullThrough();
  // The name itself is under the target, and before it what old readers take.
  expect(new Set(await untilNamed())).toEqual(new Set(['app:1', 'docker.io/library/app:1']));
  const lines = upstream.fresh();
  const asked = [...fetched(lines, 'blobs'), ...fetched(lines, 'manifests')];
  expect(asked.length).toBe(new Set(asked).size);
  await pullThrough();
  expect(upstream.fresh()).toEqual([]);

  const { store } = registry;
  await registry.close();
  await upstream.close();
  const again = await served({ mirrors: `docker.io=${upstream.host}` }, store);
  registry = again;
  await pullThrough();
  const target = (await (await openStore(store)).named('app:1'))?.target;
  expect(target?.digest).toBe(image.target.digest);
}, 30_000);

test('what was removed comes from the mirror again', async () => {
  await pullThrough();
  await untilNamed();
  const contents = storeContents(registry.store);
  await contents.forget((await contents.names()).map(({ name }) => name));
  for (const digest of image.bag.blobs.keys()) await contents.remove(digest);
  upstream.fresh();
  await pullThrough();
  expect(fetched(upstream.fresh(), 'blobs').length).toBe(3);
  expect((await untilNamed()).length).toBeGreaterThan(0);
});

test('nothing is named before a platform is whole', async () => {
  await get('library/app/manifests/1');
  await get(`library/app/manifests/${image.manifests[0]?.digest}`);
  expect(await listedNames(registry.store)).toEqual([]);
});

test('what upstream has not either is not found, tags come from there too, and pushes ask nobody', async () => {
  const missing = await registry.ask('GET', `library/app/manifests/2?ns=${upstream.host}`);
  expect(await refusalOf(missing)).toBe('404 MANIFEST_UNKNOWN');
  const { tags } = (await (await registry.ask('GET', 'library/app/tags/list')).json()) as { tags: readonly string[] };
  expect(tags).toContain('1');
  upstream.fresh();
  expect((await registry.ask('POST', 'team/app/blobs/uploads/')).status).toBe(202);
  expect((await registry.ask('HEAD', `team/app/blobs/${image.target.digest}`)).status).toBe(404);
  // What is wrong in any case, too: upstream may be gone, and that is another answer.
  for (const path of ['library/app', 'team/app'])
    expect(await refusalOf(await registry.ask('GET', `${path}/tags/list?n=-1`))).toBe('400 PAGINATION_NUMBER_INVALID');
  expect(upstream.fresh()).toEqual([]);
});

test('wrong bytes from upstream end the connection before the last byte, and never become a blob', async () => {
  const broken = await bagRegistry(image.bag, (route, response) => {
    if (route.kind !== 'blob') return false;
    response.writeHead(200).end(Buffer.alloc(bytesOf(route.digest).byteLength, 'x'));
    return true;
  });
  const through = await served({ mirrors: `docker.io=${broken.host}` });
  try {
    await through.ask('GET', 'library/app/manifests/1');
    const manifest = await through.ask('GET', `library/app/manifests/${image.manifests[1]?.digest}`);
    const { layers } = (await manifest.json()) as { layers: readonly { digest: string }[] };
    const read = async () => (await through.ask('GET', `library/app/blobs/${layers[0]?.digest}`)).arrayBuffer();
    await expect(read()).rejects.toThrow();
    expect(await listedNames(through.store)).toEqual([]);
  } finally {
    await through.dispose();
    await broken.close();
  }
}, 30_000);

test('a tag that a pull moved meanwhile stays where the pull put it', async () => {
  await pullThrough(0);
  expect(await untilNamed()).toContain('app:1');
  const moved = await makeIndex({ layers: ['moved'] });
  const store = await openStore(registry.store);
  for (const name of ['app:1', 'docker.io/library/app:1']) await putImage(store, name, moved);

  const arm = await get(`library/app/manifests/${image.manifests[1]?.digest}`);
  const { config, layers } = JSON.parse(arm.bytes.toString());
  for (const { digest } of [config, ...layers]) await get(`library/app/blobs/${digest}`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const name of ['app:1', 'docker.io/library/app:1'])
    expect((await store.named(name))?.target.digest).toBe(moved.target.digest);
}, 30_000);
