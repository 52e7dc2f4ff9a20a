import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { pushBlob } from '../support/docker-registry.ts';
import { refusalOf, type Served, served } from '../support/serving.ts';
import { listedNames, type Made, makeImage, makeIndex, putImage } from '../support/stored-image.ts';

let registry: Served;
let image: Made;
beforeEach(async () => {
  registry = await served();
  image = await makeImage({ layers: ['base', 'app'] });
});
afterEach(() => registry.dispose());

const bytesOf = ({ bag }: Made, digest = '') => bag.blobs.get(digest as Made['target']['digest'])?.bytes ?? Buffer.of();
const put = (path: string, reference: string, bytes: Uint8Array | string, type = OCI_MANIFEST) =>
  registry.ask('PUT', `${path}/manifests/${reference}`, bytes, { 'content-type': type });
const get = (path: string, reference: string) => registry.ask('GET', `${path}/manifests/${reference}`);
const blobsOf = async (made: Made) => {
  for (const { bytes, descriptor } of made.bag.blobs.values())
    if (!/manifest|index/.test(descriptor.mediaType)) await pushBlob(registry.host, 'any', bytes);
};
const push = async (path: string, reference: string, made = image) => {
  await blobsOf(made);
  return put(path, reference, bytesOf(made, made.target.digest), made.target.mediaType);
};
const tagsOf = async (path: string, query = '') => {
  const answer = await registry.ask('GET', `${path}/tags/list${query}`);
  return { tags: ((await answer.json()) as { tags: string[] }).tags, link: answer.headers.get('link') };
};
const withSubject = (subject: object, more: object = {}) => {
  const manifest = JSON.parse(Buffer.from(bytesOf(image, image.target.digest)).toString());
  return Buffer.from(JSON.stringify({ ...manifest, subject, ...more }));
};

test('a pushed image is read back byte for byte by tag and digest, and the store has its name at once', async () => {
  const answer = await push('team/app', '1');
  const { digest } = image.target;
  expect([answer.status, answer.headers.get('location')]).toEqual([201, `/v2/team/app/manifests/${digest}`]);
  for (const reference of ['1', digest]) {
    const got = await get('team/app', reference);
    expect([got.headers.get('content-type'), got.headers.get('docker-content-digest')]).toEqual([OCI_MANIFEST, digest]);
    expect(Buffer.from(await got.arrayBuffer())).toEqual(Buffer.from(bytesOf(image, digest)));
  }
  expect(await listedNames(registry.store)).toEqual([`${registry.host}/team/app:1`]);
  expect(await refusalOf(await get('team/other', digest))).toBe('404 MANIFEST_UNKNOWN');
});

describe('a manifest is refused', () => {
  test('whose blobs or children have not come, and nothing is named', async () => {
    const index = await makeIndex({ layers: ['a'] }, { layers: ['b'], architecture: 'arm64' });
    expect(await refusalOf(await put('app', '1', bytesOf(image, image.target.digest)))).toBe(
      '404 MANIFEST_BLOB_UNKNOWN',
    );
    await blobsOf(index);
    const answer = await put('app', '1', bytesOf(index, index.target.digest), OCI_INDEX);
    const { errors } = (await answer.json()) as { errors: readonly { message: string }[] };
    const [child] = index.manifests;
    expect(errors[0]?.message).toBe(
      `expected ${child?.digest} with ${child?.size} bytes to be pushed before, found none`,
    );
    expect(await listedNames(registry.store)).toEqual([]);
  });

  test.each([
    ['under the digest of another', digestOf('other'), () => bytesOf(image, image.target.digest), '400 DIGEST_INVALID'],
    ['that is not JSON', '1', () => Buffer.from('no'), '400 MANIFEST_INVALID'],
    ['under what is no tag', '-1', () => bytesOf(image, image.target.digest), '400 MANIFEST_INVALID'],
    ['of more than 4 MiB', '1', () => Buffer.alloc(4 * 1024 * 1024 + 1, ' '), '413 SIZE_INVALID'],
  ])('%s', async (_, reference, bytes, refusal) => {
    await blobsOf(image);
    expect(await refusalOf(await put('app', reference, bytes()))).toBe(refusal);
    expect(await listedNames(registry.store)).toEqual([]);
  });
});

test('a tag that moves leaves what it pointed to under its digest', async () => {
  const next = await makeImage({ layers: ['base', 'next'] });
  await push('app', '1');
  await push('app', '1', next);
  expect((await get('app', '1')).headers.get('docker-content-digest')).toBe(next.target.digest);
  expect((await get('app', image.target.digest)).status).toBe(200);
});

test('tags come in lexical order, in pages of n, from behind last, with a link to the next', async () => {
  for (const tag of ['b', 'C', 'a', '10', '9']) await push('app', tag);
  expect(await tagsOf('app')).toEqual({ tags: ['10', '9', 'a', 'b', 'C'], link: null });
  expect(await tagsOf('app', '?n=2')).toEqual({
    tags: ['10', '9'],
    link: '</v2/app/tags/list?n=2&last=9>; rel="next"',
  });
  expect(await tagsOf('app', '?n=3&last=9')).toEqual({ tags: ['a', 'b', 'C'], link: null });
  expect(await tagsOf('app', '?n=0')).toEqual({ tags: [], link: null });
  expect((await tagsOf('app', '?last=aa')).tags).toEqual(['b', 'C']);
  expect(await refusalOf(await registry.ask('GET', 'app/tags/list?n=x'))).toBe('400 PAGINATION_NUMBER_INVALID');
  expect(await refusalOf(await registry.ask('GET', 'none/tags/list'))).toBe('404 NAME_UNKNOWN');
});

test('referrers are listed with type and annotations, by type on request, and for an unknown digest as none', async () => {
  await push('app', '1');
  const { mediaType, digest, size } = image.target;
  const sbom = withSubject({ mediaType, digest, size }, { artifactType: 'application/sbom', annotations: { a: 'b' } });
  const plain = withSubject({ mediaType, digest, size });
  const answer = await put('app', digestOf(sbom), sbom);
  expect([answer.status, answer.headers.get('oci-subject')]).toEqual([201, digest]);
  await put('app', 'signature', plain);
  const list = async (query = '', about: string = digest) => {
    const got = await registry.ask('GET', `app/referrers/${about}${query}`);
    expect(got.headers.get('content-type')).toBe(OCI_INDEX);
    const { manifests } = (await got.json()) as { manifests: readonly Record<string, unknown>[] };
    return { manifests, filters: got.headers.get('oci-filters-applied') };
  };
  const config = JSON.parse(plain.toString()).config.mediaType;
  const one = { digest: digestOf(sbom), artifactType: 'application/sbom', annotations: { a: 'b' } };
  const all = (await list()).manifests;
  expect(all).toEqual(
    expect.arrayContaining([expect.objectContaining(one), expect.objectContaining({ artifactType: config })]),
  );
  expect(all).toHaveLength(2);
  expect(await list('?artifactType=application/sbom')).toMatchObject({ manifests: [one], filters: 'artifactType' });
  expect((await list('', digestOf('nobody'))).manifests).toEqual([]);
  expect(await refusalOf(await registry.ask('GET', 'app/referrers/sha256:12'))).toBe('400 DIGEST_INVALID');
});

test('a subject need not be there yet', async () => {
  await blobsOf(image);
  const subject = { mediaType: OCI_MANIFEST, digest: digestOf('later'), size: 5 };
  expect((await put('app', '1', withSubject(subject))).headers.get('oci-subject')).toBe(subject.digest);
});

describe('deleting', () => {
  test('a tag leaves the manifest under its digest, and index.json says so at once', async () => {
    await push('app', '1');
    expect((await registry.ask('DELETE', 'app/manifests/1')).status).toBe(202);
    expect([(await get('app', '1')).status, (await get('app', image.target.digest)).status]).toEqual([404, 200]);
    expect((await tagsOf('app')).tags).toEqual([]);
    expect(await listedNames(registry.store)).toEqual([`${registry.host}/app@${image.target.digest}`]);
  });

  test('a digest takes its tags along; then its blobs may go', async () => {
    const layer = image.blobs[0]?.digest;
    await push('app', '1');
    await push('app', '2');
    expect(await refusalOf(await registry.ask('DELETE', `app/blobs/${layer}`))).toBe('405 UNSUPPORTED');
    expect((await registry.ask('DELETE', `app/manifests/${image.target.digest}`)).status).toBe(202);
    for (const reference of ['1', '2', image.target.digest]) {
      expect((await get('app', reference)).status).toBe(404);
      expect(await refusalOf(await registry.ask('DELETE', `app/manifests/${reference}`))).toBe('404 MANIFEST_UNKNOWN');
    }
    expect((await tagsOf('app')).tags).toEqual([]);
    expect((await registry.ask('DELETE', `app/blobs/${layer}`)).status).toBe(202);
    expect(await refusalOf(await registry.ask('DELETE', `app/blobs/${layer}`))).toBe('404 BLOB_UNKNOWN');
    expect(await listedNames(registry.store)).toEqual([]);
  });

  test('never what an index lists, what was pulled, or what a lease marks', async () => {
    const index = await makeIndex({ layers: ['a'] });
    const [child] = index.manifests;
    await blobsOf(index);
    await put('app', child?.digest ?? '', bytesOf(index, child?.digest));
    await put('app', 'multi', bytesOf(index, index.target.digest), OCI_INDEX);
    expect(await refusalOf(await registry.ask('DELETE', `app/manifests/${child?.digest}`))).toBe('405 UNSUPPORTED');
    const store = await openStore(registry.store);
    await putImage(store, 'redis:7', image);
    expect((await get('library/redis', '7')).status).toBe(200);
    expect(await refusalOf(await registry.ask('DELETE', 'library/redis/manifests/7'))).toBe('405 UNSUPPORTED');
    const digest = await pushBlob(registry.host, 'app', Buffer.from('leased'));
    const lease = await store.lease([digest]);
    expect(await refusalOf(await registry.ask('DELETE', `app/blobs/${digest}`))).toBe('405 UNSUPPORTED');
    await store.release(lease);
    expect((await registry.ask('DELETE', `app/blobs/${digest}`)).status).toBe(202);
  });
});

test('what was pulled is found as a mirror is asked for it; what is pushed comes before it, under a name of its own', async () => {
  const pulled = await makeImage({ layers: ['base', 'pulled'] });
  const store = await openStore(registry.store);
  for (const name of ['redis:7', 'ghcr.io/o/r:main']) await putImage(store, name, pulled);
  const digestAt = async (at: string) => (await registry.ask('HEAD', at)).headers.get('docker-content-digest');
  for (const at of ['redis/manifests/7', 'ghcr.io/o/r/manifests/main', 'o/r/manifests/main?ns=ghcr.io'])
    expect(await digestAt(at)).toBe(pulled.target.digest);
  await push('redis', '7');
  expect(await digestAt('redis/manifests/7')).toBe(image.target.digest);
  expect((await store.named('redis:7'))?.target.digest).toBe(pulled.target.digest);
  expect((await registry.ask('HEAD', 'o/r/manifests/main')).status).toBe(404);
});
