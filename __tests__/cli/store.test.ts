import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { blobPath } from '../../src/oci/layout.ts';
import type { Store } from '../../src/ports.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { startSource } from '../support/source.ts';
import {
  blobsIn,
  bytesOf,
  listedNames,
  type Made,
  makeImage,
  makeIndex,
  putImage,
  usedAgo,
} from '../support/stored-image.ts';

let folder: string;
let root: string;
let store: Store;
let old: Made;
let young: Made;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-cli-'));
  root = path.join(folder, '.cache/pull-image');
  store = await openStore(root);
  [old, young] = [
    await makeImage({ layers: ['base', 'old'], layerSize: 50_000 }),
    await makeImage({ layers: ['base', 'young'], layerSize: 50_000 }),
  ];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const cli = (...args: string[]) => startSource(['store', ...args], { HOME: folder }).done;

async function fill() {
  await putImage(store, 'localhost:5000/team/old:1', old);
  await putImage(store, 'young:latest', young);
  await usedAgo(root, 'localhost:5000/team/old:1', 50);
}

test('ls lists an image once, however many names lead to it for the sake of readers, and what is no image by its name', async () => {
  await putImage(store, 'young', young);
  await putImage(store, 'docker.io/library/young:latest', young);
  const app = await makeIndex({ layers: ['base', 'app'] });
  await putImage(store, 'team/app:1', app);
  await store.record(app.manifests.map((target) => ({ name: `team/app@${target.digest}`, target, at: 1 })));
  await putImage(store, 'No Reference', old);
  const rows = (await cli('ls')).stdout.trimEnd().split('\n').slice(1);
  expect(rows.map((row) => row.split(/ {2,}/).at(-1)).sort()).toEqual(['No Reference', 'team/app:1', 'young:latest']);
  expect(await listedNames(root)).toContain('docker.io/library/young:latest');
}, 30_000);

test('ls lists the images of the default store, the last used first, in columns', async () => {
  expect(await cli('ls')).toMatchObject({ code: 0, stdout: `No images in ${root}\n`, stderr: '' });
  await fill();
  const { code, stdout, stderr } = await cli('ls');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const rows = stdout.trimEnd().split('\n');
  expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
    ['DIGEST', 'SIZE', 'LAST USED', 'NAME'],
    [young.target.digest.slice(0, 19), '101kB', expect.stringMatching(/^\d+ seconds? ago$/), 'young:latest'],
    [old.target.digest.slice(0, 19), '101kB', '2 days ago', 'localhost:5000/team/old:1'],
  ]);
  const names = ['NAME', 'young:latest', 'localhost:5000/team/old:1'];
  expect(new Set(names.map((name, row) => rows[row]?.indexOf(name))).size).toBe(1);
}, 30_000);

test('verify is content with what is right; of what is wrong it says which, why and what to do, removes it, and ends with 1', async () => {
  await fill();
  expect(await cli('verify')).toMatchObject({
    code: 0,
    stdout: '7 blobs, 152kB: all are what their names say\n',
    stderr: '',
  });
  const [layer = young.target] = young.blobs;
  await chmod(path.join(root, blobPath(layer.digest)), 0o644);
  await writeFile(path.join(root, blobPath(layer.digest)), 'x');
  const { code, stdout, stderr } = await cli('verify', '--store', root);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const [line, advice] = stdout.split('\n');
  expect(line).toMatch(
    new RegExp(`^✗ ${layer.digest}: .*expected ${layer.digest}, found sha256:[0-9a-f]{64} in the store ${root}$`),
  );
  expect(advice).toBe(`Removed 1 of 7 blobs from ${root}. Pull the images again: only what is gone is fetched.`);
  expect(await store.has(layer)).toBe(false);
  expect(await cli('verify')).toMatchObject({ code: 0 });
}, 30_000);

test('sweep makes the rest fit, says what went, and never takes what a job uses', async () => {
  await fill();
  const freed = bytesOf(old, young) - bytesOf(young);
  expect(await cli('sweep', '--max-size', '110kB')).toEqual({
    code: 0,
    signal: null,
    stdout: `Removed 1 image, ${Math.round(freed / 100) / 10}kB, from ${root}\n`,
    stderr: '',
  });
  expect(await listedNames(root)).toEqual(['young:latest']);
  const lease = await store.lease(young.blobs.map(({ digest }) => digest));
  const { stdout } = await cli('sweep', '--max-size', '0');
  expect(stdout).toBe(`Removed nothing from ${root}: it takes no more than 0B, or jobs use what it holds\n`);
  await store.release(lease);
  expect((await cli('sweep', '--max-size', '0')).stdout).toMatch(/^Removed 1 image, 101kB/);
  expect(await blobsIn(root)).toEqual([]);
}, 30_000);

test.each([
  { args: ['sweep'], says: /^error: required option '--max-size <size>'/ },
  { args: ['sweep', '--max-size', 'much'], says: /^--max-size: expected a size such as 500MB or 20GB, found "much"\n/ },
  { args: ['ls', '--store', 'typo'], says: /typo: no layer store there\. Pull an image first/ },
  { args: ['verify', '--store', 'typo'], says: /typo: no layer store there/ },
  { args: ['list'], says: /^error: unknown command 'list'/ },
])(
  'store $args is refused, and nothing is made',
  async ({ args, says }) => {
    const { code, stdout, stderr } = await cli(...args.map((arg) => (arg === 'typo' ? path.join(folder, arg) : arg)));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(await readdir(folder)).toEqual(['.cache']);
  },
  30_000,
);
