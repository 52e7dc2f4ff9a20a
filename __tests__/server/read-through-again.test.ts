import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { storeContents } from '../../src/store/contents.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { type BagRegistry, bagRegistry, fetched } from '../support/bag-registry.ts';
import { refusalOf, type Served, served } from '../support/serving.ts';
import { makeIndex } from '../support/stored-image.ts';
import { until } from '../support/until.ts';

let image: Awaited<ReturnType<typeof makeIndex>>;
let upstream: BagRegistry;
/** What upstream answers to everything. */
let refusal: number | undefined;
let registry: Served;
/** What a client asks with that means the upstream itself, behind which there is nobody else. */
let ns: string;
beforeEach(async () => {
  image = await makeIndex({ layers: ['base', 'app'] }, { layers: ['arm'], architecture: 'arm64' });
  image.bag.tag('library/app', '1', image.target);
  refusal = undefined;
  upstream = await bagRegistry(image.bag, (_, response) => {
    if (refusal !== undefined) response.writeHead(refusal).end();
    return refusal !== undefined;
  });
  ns = `?ns=${upstream.host}`;
  registry = await served({});
});
afterEach(async () => {
  await registry.dispose();
  await upstream.close();
});

const get = (at: string) => registry.ask('GET', `library/app/${at}${ns}`);
const manifestOf = async (platform: number) => {
  const answer = await get(`manifests/${image.manifests[platform]?.digest}`);
  const { config, layers } = (await answer.json()) as Record<string, { digest: string }> & {
    layers: { digest: string }[];
  };
  return [config, ...layers].map((blob) => blob?.digest ?? '');
};
const name = () => `${upstream.host}/library/app:1`;
const record = async () => (await openStore(registry.store)).named(name());

/** A server that had one platform whole and of the other the manifest alone; then another server on the same store. */
async function restarted(): Promise<readonly string[]> {
  await (await get('manifests/1')).arrayBuffer();
  for (const digest of await manifestOf(0)) await (await get(`blobs/${digest}`)).arrayBuffer();
  const rest = await manifestOf(1);
  await until(async () => (await record()) !== undefined);
  await registry.close();
  registry = await served({}, registry.store);
  upstream.fresh();
  return rest;
}

test('after a restart the blobs of a platform come that nobody fetched, be it that no manifest is asked for', async () => {
  const rest = await restarted();
  const before = await record();
  expect((await registry.ask('HEAD', `library/app/blobs/${rest[0]}${ns}`)).status).toBe(200);
  for (const digest of rest) {
    const bytes = Buffer.from(await (await get(`blobs/${digest}`)).arrayBuffer());
    expect(bytes.equals(image.bag.blobs.get(digest as typeof image.target.digest)?.bytes ?? Buffer.of())).toBe(true);
  }
  expect(fetched(upstream.fresh(), 'blobs')).toEqual(rest);
  // Both are whole now: other readers find them under the target itself, and the name is as old as it was.
  await until(async () => (await record())?.readAs === undefined);
  expect([before?.readAs?.digest, (await record())?.at]).toEqual([image.manifests[0]?.digest, before?.at]);
});

async function remove(): Promise<void> {
  const contents = storeContents(registry.store);
  await contents.forget((await contents.names()).map((each) => each.name));
  for (const digest of image.bag.blobs.keys()) await contents.remove(digest);
  expect(await record()).toBeUndefined();
}

async function pullAgain(): Promise<void> {
  await (await get('manifests/1')).arrayBuffer();
  for (const digest of await manifestOf(0)) await (await get(`blobs/${digest}`)).arrayBuffer();
  await until(async () => (await record()) !== undefined);
}

test('what was removed is named again when it is pulled again, be it known from before the start or brought since', async () => {
  const [config] = await restarted();
  await (await get(`blobs/${config}`)).arrayBuffer();
  for (const _ of ['known from before', 'brought since']) {
    await remove();
    await pullAgain();
  }
});

test('what is pulled by its digest alone is named by that, what a tag or an index leads to is not', async () => {
  const { digest } = image.target;
  await (await get(`manifests/${digest}`)).arrayBuffer();
  for (const blob of await manifestOf(0)) await (await get(`blobs/${blob}`)).arrayBuffer();
  const byDigest = `${upstream.host}/library/app@${digest}`;
  const names = async () => (await storeContents(registry.store).names()).map((each) => each.name);
  await until(async () => (await names()).length > 0);
  expect(await names()).toEqual([byDigest]);
  await pullAgain();
  expect(new Set(await names())).toEqual(new Set([byDigest, name()]));
});

test('a path that begins with two slashes names no other host, and nothing here', async () => {
  expect((await fetch(`http://${registry.host}//x/v2/`)).status).toBe(404);
});

test('what is neither a tag nor a digest is asked of nobody', async () => {
  for (const odd of ['..%2f..%2fother', '-1', '%00'])
    expect(await refusalOf(await get(`manifests/${odd}`))).toBe('404 MANIFEST_UNKNOWN');
  expect(upstream.fresh()).toEqual([]);
});

test('where upstream cannot be reached the answer says so, in its first line too', async () => {
  const [digest] = await restarted();
  await upstream.close();
  const answer = await get(`blobs/${digest}`);
  const { host } = upstream;
  expect(answer.statusText).toBe(`${host}/library/app: cannot reach ${host}: connection refused`);
  expect(await refusalOf(answer)).toBe('502 UNKNOWN');
}, 20_000);

test('where upstream fails, who pushes hears that the manifest is not here, and nobody else does', async () => {
  const head = async (at: string) => (await registry.ask('HEAD', `team/${at}${ns}`)).status;
  const { digest } = image.target;
  refusal = 403;
  expect(await head('app/manifests/1')).toBe(404);
  expect(await refusalOf(await registry.ask('GET', `team/app/manifests/1${ns}`))).toBe('403 DENIED');
  refusal = 400;
  expect([await head('app/manifests/1'), await head(`app/manifests/${digest}`)]).toEqual([502, 404]);
  expect(await head(`one/blobs/${digest}`)).toBe(404);
  expect((await registry.ask('POST', `team/two/blobs/uploads/${ns}`)).status).toBe(202);
  expect([await head('one/manifests/1'), await head('two/manifests/1')]).toEqual([404, 404]);
});

test('a push finds what it was told is here, although upstream alone has it', async () => {
  const rest = await restarted();
  const arm = image.manifests[1];
  const statuses = rest.map(async (digest) => (await registry.ask('HEAD', `library/app/blobs/${digest}${ns}`)).status);
  expect(await Promise.all(statuses)).toEqual(rest.map(() => 200));
  const bytes = Buffer.from(image.bag.blobs.get(arm?.digest ?? image.target.digest)?.bytes ?? []);
  const type = { 'content-type': `${arm?.mediaType}` };
  const put = await registry.ask('PUT', `library/app/manifests/arm${ns}`, bytes, type);
  expect(put.status).toBe(201);
  expect(fetched(upstream.fresh(), 'blobs')).toEqual(rest);
  expect((await registry.ask('PUT', 'team/other/manifests/arm', bytes, type)).status).toBe(201);
});

test('a blob that no image of the repository lists is asked of nobody', async () => {
  await restarted();
  expect(await refusalOf(await get(`blobs/${digestOf('nobody lists it')}`))).toBe('404 BLOB_UNKNOWN');
  expect(upstream.fresh()).toEqual([]);
});
