import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Store } from '../../src/ports.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { startSource } from '../support/source.ts';
import { blobsIn, hasAll, listedNames, type Made, makeImage, makeIndex, putImage } from '../support/stored-image.ts';

let folder: string;
let root: string;
let store: Store;
let amd: Made;
let arm: Made;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-images-'));
  root = path.join(folder, '.cache/pull-image');
  store = await openStore(root);
  amd = await makeImage({
    layers: ['base', 'amd'],
    layerSize: 50_000,
    config: {
      created: '2020-01-02T00:00:00Z',
      config: { Labels: { tier: 'web' } },
      history: [{ created_by: 'ADD a' }, { created_by: 'ENV b', empty_layer: true }],
    },
  });
  arm = await makeImage({
    layers: ['base', 'arm'],
    architecture: 'arm64',
    layerSize: 50_000,
    config: { created: '2021-01-02T00:00:00Z' },
  });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const cli = (...args: string[]) => startSource(args, { HOME: folder }).done;
const id = ({ target }: Made) => target.digest.slice(7, 19);
const names = ({ stdout }: { stdout: string }) =>
  stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const { Repository, Tag } = JSON.parse(line);
      return `${Repository}:${Tag}`;
    })
    .sort();

async function fill() {
  await putImage(store, 'app:1', amd);
  await putImage(store, 'docker.io/library/app:1', amd);
  await putImage(store, 'ghcr.io/org/app:arm', arm);
}

test('ls shows each image once, by the name Docker prints, with what is shared counted once', async () => {
  await fill();
  const { code, stdout, stderr } = await cli('ls', '--digests');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  const rows = lines.slice(0, -1).map((row) => row.split(/ {2,}/));
  expect(rows[0]).toEqual(['REPOSITORY', 'TAG', 'DIGEST', 'IMAGE ID', 'PLATFORM', 'CREATED', 'SIZE']);
  expect(rows.slice(1).sort()).toEqual([
    ['app', '1', amd.target.digest, id(amd), 'linux/amd64', expect.stringMatching(/^\d+ years ago$/), '101kB'],
    ['ghcr.io/org/app', 'arm', arm.target.digest, id(arm), 'linux/arm64', expect.stringMatching(/years ago$/), '101kB'],
  ]);
  expect(lines.at(-1)).toMatch(/^2 images in the store, 15\dkB; 50\.\dkB saved by what they share$/);
  const described = (await cli('ls', '--format', 'json')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(described.find(({ Tag }) => Tag === 'arm')).toMatchObject({
    ID: arm.target.digest,
    Platforms: ['linux/arm64'],
  });
  for (const { Size, SharedSize, UniqueSize } of described) {
    expect(SharedSize).toBeGreaterThan(50_000);
    expect(SharedSize + UniqueSize).toBe(Size);
  }
  expect((await cli('ls', '-q')).stdout.trim().split('\n').sort()).toEqual([id(amd), id(arm)].sort());
}, 60_000);

test('ls has no age for an image whose config says no time, or the one by which Go says that it knows none', async () => {
  const configs = [{}, { created: '0001-01-01T00:00:00Z' }, { created: '1970-01-01T00:00:00Z' }];
  for (const [at, config] of configs.entries())
    await putImage(store, `app:${at}`, await makeImage({ layers: [`${at}`], config }));
  const rows = (await cli('ls')).stdout.split('\n').map((row) => row.split(/ {2,}/));
  const ages = new Map(rows.map((row) => [row[1], row[4]]));
  expect(['0', '1', '2'].map((tag) => ages.get(tag))).toEqual([
    'N/A',
    'N/A',
    expect.stringMatching(/^\d\d years ago$/),
  ]);
  const described = (await cli('ls', '--format', 'json')).stdout.trim().split('\n');
  const times = described.map((line) => JSON.parse(line).CreatedAt).sort();
  expect(times).toEqual(['1970-01-01T00:00:00Z', 'N/A', 'N/A']);
}, 60_000);

test.each([
  { filters: ['label=tier'], found: ['app:1'] },
  { filters: ['label=tier=web', 'reference=a*'], found: ['app:1'] },
  { filters: ['label=tier=db'], found: [] },
  { filters: ['reference=app'], found: ['app:1'] },
  { filters: ['reference=[a-c]p\\p:[^2]'], found: ['app:1'] },
  { filters: ['reference=*:1', 'reference=ghcr.io/*/*'], found: ['app:1', 'ghcr.io/org/app:arm'] },
  { filters: ['before=ghcr.io/org/app:arm'], found: ['app:1'] },
  { filters: ['since=app:1'], found: ['ghcr.io/org/app:arm'] },
  { filters: ['dangling=true'], found: [`pinned:<none>`] },
  { filters: ['dangling=false'], found: ['app:1', 'ghcr.io/org/app:arm'] },
])(
  'ls --filter $filters',
  async ({ filters, found }) => {
    await fill();
    const pinned = await makeImage({ layers: ['pinned'], config: { created: '2020-06-01T00:00:00Z' } });
    if (filters[0]?.startsWith('dangling')) await putImage(store, `pinned@${pinned.target.digest}`, pinned);
    expect(names(await cli('ls', '--format', 'json', ...filters.flatMap((filter) => ['--filter', filter])))).toEqual(
      found,
    );
  },
  60_000,
);

test('inspect tells config, layers with both digests, history and sizes, by name, digest and id', async () => {
  await fill();
  const config = amd.blobs.find(({ mediaType }) => mediaType.includes('config'));
  const asked = ['app:1', `app@${amd.target.digest}`, id(amd), amd.target.digest, config?.digest ?? ''];
  const { code, stdout } = await cli('inspect', ...asked);
  expect(code).toBe(0);
  const all = JSON.parse(stdout);
  expect(new Set(all.map((each: object) => JSON.stringify(each))).size).toBe(1);
  const [{ Manifests, ...image }] = all;
  expect(image).toEqual({
    Id: amd.target.digest,
    RepoTags: ['app:1'],
    RepoDigests: [`app@${amd.target.digest}`],
    MediaType: amd.target.mediaType,
    Size: amd.blobs.reduce((sum, { size }) => sum + size, 0),
    Missing: [],
  });
  const layers = amd.blobs.filter(({ mediaType }) => mediaType.includes('layer'));
  expect(Manifests).toEqual([
    expect.objectContaining({
      Digest: amd.target.digest,
      Platform: 'linux/amd64',
      Size: image.Size,
      ConfigDigest: config?.digest,
      Created: '2020-01-02T00:00:00Z',
      Config: { Labels: { tier: 'web' } },
      Layers: layers.map(({ digest, mediaType, size }) => ({
        Digest: digest,
        DiffID: expect.stringMatching(/^sha256:/),
        MediaType: mediaType,
        Size: size,
      })),
      History: [
        { CreatedBy: 'ADD a', EmptyLayer: false },
        { CreatedBy: 'ENV b', EmptyLayer: true },
      ],
    }),
  ]);
}, 60_000);

test('tag gives another name, rm takes one away and leaves what another has, and then the bytes', async () => {
  await fill();
  expect(await cli('tag', id(amd), 'localhost:5000/copy')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect((await store.named('localhost:5000/copy:latest'))?.target.digest).toBe(amd.target.digest);
  expect(await cli('rm', id(amd))).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('2 repositories have this image: '),
  });
  expect(await cli('rm', 'app:1')).toMatchObject({ code: 0, stdout: 'Untagged: app:1\n', stderr: '' });
  expect(await hasAll(store, amd.blobs)).toBe(true);
  expect(await listedNames(root)).toEqual(['ghcr.io/org/app:arm', 'localhost:5000/copy:latest']);
  const { code, stdout } = await cli('rm', id(amd), `ghcr.io/org/app@${arm.target.digest}`);
  expect(code).toBe(0);
  const lines = stdout.trim().split('\n');
  expect(lines.filter((line) => line.startsWith('Untagged: '))).toEqual([
    'Untagged: localhost:5000/copy:latest',
    'Untagged: ghcr.io/org/app:arm',
  ]);
  const all = new Set([...amd.blobs, ...arm.blobs].map(({ digest }) => `Deleted: ${digest}`));
  expect(new Set(lines.filter((line) => line.startsWith('Deleted: ')))).toEqual(all);
  expect(await blobsIn(root)).toEqual([]);
  expect(await listedNames(root)).toEqual([]);
}, 60_000);

test('rm takes nothing that a lease holds, goes on with the others, and says why', async () => {
  await fill();
  const lease = await store.lease(amd.blobs.map(({ digest }) => digest));
  const { code, stdout, stderr } = await cli('rm', 'app:1', 'nothing', 'ghcr.io/org/app:arm');
  expect(code).toBe(1);
  expect(stderr).toBe(
    'app:1: a job uses this image. It can be removed when the job has ended, or 6 hours after it began.\n' +
      'nothing: no such image in the store. pull-image ls lists what there is.\n',
  );
  expect(stdout).toMatch(/^Untagged: ghcr\.io\/org\/app:arm\nDeleted: /);
  expect(await hasAll(store, amd.blobs)).toBe(true);
  await store.release(lease);
  expect(await cli('rm', '--force', 'nothing', 'app:1')).toMatchObject({ code: 0, stderr: '' });
  expect(await blobsIn(root)).toEqual([]);
}, 60_000);

test('rm of an image of several platforms takes the names of its platforms with it', async () => {
  const both = await makeIndex({ layers: ['base', 'one'] }, { layers: ['base', 'two'], architecture: 'arm64' });
  await putImage(store, 'both:1', both);
  const [first] = both.manifests;
  if (first) await store.record([{ name: `both@${first.digest}`, target: first, at: 1 }]);
  expect(names(await cli('ls', '--format', 'json'))).toEqual(['both:1']);
  expect(names(await cli('ls', '--all', '--format', 'json'))).toEqual(['both:1', 'both:<none>']);
  const { stdout } = await cli('rm', 'both:1');
  expect(stdout).toContain(`Untagged: both:1\nUntagged: both@${first?.digest}\nDeleted: `);
  expect(await blobsIn(root)).toEqual([]);
}, 60_000);

test('index create makes one tag of several images, the same bytes each time', async () => {
  await fill();
  const made = await cli('index', 'create', 'org/app:1', 'app:1', 'ghcr.io/org/app:arm');
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const target = (await store.named('org/app:1'))?.target;
  expect(made.stdout).toBe(`org/app:1@${target?.digest}\n`);
  const index = JSON.parse(Buffer.from((target && (await store.read(target.digest))) ?? []).toString());
  expect(index.manifests).toEqual([
    { ...amd.target, platform: { os: 'linux', architecture: 'amd64' } },
    { ...arm.target, platform: { os: 'linux', architecture: 'arm64' } },
  ]);
  expect((await cli('index', 'create', 'again:1', 'app:1', 'ghcr.io/org/app:arm')).stdout).toContain(target?.digest);
  expect(await cli('index', 'create', 'twice:1', 'app:1', 'org/app:1', 'ghcr.io/org/app:arm')).toMatchObject({
    code: 0,
  });
  const other = await makeImage({ layers: ['other'] });
  await putImage(store, 'other:1', other);
  expect((await cli('index', 'create', 'clash:1', 'app:1', 'other:1')).stderr).toBe(
    'linux/amd64: is both in app:1 and in other:1. Leave one of them out.\n',
  );
}, 60_000);

test.each([
  {
    args: ['ls', '--filter', 'size=1'],
    says: '--filter: expected dangling=true|false, before=IMAGE, since=IMAGE, label=',
  },
  { args: ['ls', '--store', '/nowhere'], says: '/nowhere: no layer store there. Pull an image first' },
  { args: ['inspect', 'gone:1'], says: 'gone:1: no such image in the store. pull-image ls lists what there is.' },
  {
    args: ['inspect', 'app:1', '--platform', 'linux/s390x'],
    says: 'app:1: linux/s390x is not in the store. The store has linux/amd64.',
  },
  {
    args: ['tag', 'app:1', `x@sha256:${'0'.repeat(64)}`],
    says: 'a name that is given cannot have a digest. Write name:tag.',
  },
])(
  '$args is refused with what to do',
  async ({ args, says }) => {
    await fill();
    const { code, stdout, stderr } = await cli(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/^\s+at /m);
  },
  60_000,
);
