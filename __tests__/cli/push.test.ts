import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import { parseReference } from '../../src/oci/reference.ts';
import { type BagRegistry, bagRegistry } from '../support/bag-registry.ts';
import { closeClients, openClient } from '../support/client.ts';
import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { imageBag } from '../support/image-builder.ts';
import { hasPart, realTest } from '../support/real-parts.ts';
import { startSource } from '../support/source.ts';
import { type UploadCutter, uploadCutter } from '../support/upload-cutter.ts';

const test = realTest('docker-registry');
const LAYER = 300_000;

let folder: string;
let source: BagRegistry;
let registry: DockerRegistry;
let cutter: UploadCutter;
let index: string;
let amd: string;
beforeEach(async () => {
  if (!hasPart('docker-registry')) return;
  folder = await mkdtemp(path.join(tmpdir(), 'pull-image-push-'));
  const bag = imageBag();
  const images = [
    await bag.image({ layers: ['base', 'amd'], layerSize: LAYER }),
    await bag.image({ layers: ['base', 'arm'], layerSize: LAYER, architecture: 'arm64' }),
    await bag.image({ layers: ['base', 's390x'], layerSize: LAYER, architecture: 's390x' }),
  ];
  const target = bag.index(images);
  for (const tag of ['1', '2']) bag.tag('org/app', tag, target);
  index = target.digest;
  amd = images[0]?.digest ?? '';
  source = await bagRegistry(bag);
  registry = await startDockerRegistry();
  cutter = await uploadCutter(registry.host);
});
afterEach(async () => {
  await closeClients();
  await cutter?.close();
  await source?.close();
  await registry?.stop();
  await rm(folder, { recursive: true, force: true });
});

const run = (...words: string[]) =>
  startSource([...words, '--store', path.join(folder, 'store')], { HOME: folder }).done;
const pushing = (to: string, ...options: string[]) => run('push', `${source.host}/org/app:1`, '--to', to, ...options);
const requests = async () => (await registry.log()).map((line) => /"(\w+ \S+) HTTP/.exec(line)?.[1] ?? '');
const digestAt = async (host: string, name: string) => {
  const reference = parseReference(`${host}/${name}`);
  return (await openClient().resolve(reference, reference.tag ?? '')).digest;
};

describe('push', () => {
  test('copies every platform with its digest; the second time no blob byte moves', async () => {
    const first = await pushing(`${registry.host}/mirror/`);
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' });
    const name = `${registry.host}/mirror/org/app`;
    expect(first.stdout).toContain(`\nThe push refers to repository [${name}]\n`);
    expect(first.stdout.match(/^[0-9a-f]{12}: Pushed$/gm)).toHaveLength(7);
    expect(first.stdout).toMatch(new RegExp(`\n1: digest: ${index} size: \\d+\n✓ ${name}:1 `));
    expect(await digestAt(registry.host, 'mirror/org/app:1')).toBe(index);
    const before = (await requests()).length;
    const second = await pushing(`${registry.host}/mirror/`, '--json');
    expect(second.code).toBe(0);
    expect(second.stderr.match(/: Layer already exists$/gm)).toHaveLength(7);
    expect(JSON.parse(second.stdout)).toMatchObject({
      version: 1,
      images: {
        [`${name}:1`]: {
          source: `${source.host}/org/app:1`,
          digest: index,
          pinned: `${name}:1@${index}`,
          blobs: { uploaded: 0, mounted: 0, present: 7 },
          bytes: 0,
        },
      },
      totals: { images: 1, failed: 0, bytes: 0 },
    });
    const then = (await requests()).slice(before);
    expect(then.filter((line) => /^(POST|PATCH)|blobs\/uploads/.test(line))).toEqual([]);
    const puts = then.filter((line) => line.startsWith('PUT'));
    expect(puts).toHaveLength(4);
    // Children before the index, and the tag last of all.
    expect(puts.at(-1)).toBe('PUT /v2/mirror/org/app/manifests/1');
    expect(await readdir(path.join(folder, 'store/leases'))).toEqual([]);
  }, 60_000);

  test('to two repositories of one registry sends each blob once, and has it mounted in the other', async () => {
    const { code, stdout } = await pushing(`${registry.host}/a`, '--to', `${registry.host}/b:other`);
    expect(code).toBe(0);
    expect(stdout.match(/: Pushed$/gm)).toHaveLength(7);
    expect(stdout.match(new RegExp(`: Mounted from ${registry.host}/[ab]$`, 'gm'))).toHaveLength(7);
    expect(await digestAt(registry.host, 'a:1')).toBe(index);
    expect(await digestAt(registry.host, 'b:other')).toBe(index);
  }, 60_000);

  test('one chosen platform goes as its own manifest, several as an index of them, and it is said', async () => {
    const one = await pushing(`${registry.host}/one`, '--platform', 'linux/amd64');
    expect(one.code).toBe(0);
    expect(one.stdout).toContain(`notice: ${registry.host}/one:1 gets linux/amd64 alone, so its digest is not`);
    expect(await digestAt(registry.host, 'one:1')).toBe(amd);
    const two = await pushing(`${registry.host}/two`, '--platform', 'linux/amd64', '--platform', 'linux/arm64');
    expect(two.code).toBe(0);
    const digest = await digestAt(registry.host, 'two:1');
    expect(two.stdout).toContain(`1: digest: ${digest} size: `);
    const { bytes } = await openClient().manifest(parseReference(`${registry.host}/two`), digest);
    const { manifests } = JSON.parse(Buffer.from(bytes).toString());
    expect(manifests.map(({ platform }: { platform: object }) => platform)).toEqual([
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ]);
  }, 60_000);

  test('--all-tags takes those of the registry, or else those the store has; without --to the store goes to its own names', async () => {
    const all = await run('push', `${source.host}/org/app`, '--all-tags', '--to', `${registry.host}/all`);
    expect(all).toMatchObject({ code: 0, stderr: '', stdout: expect.not.stringContaining('✗') });
    // What both tags lead to is put once: three manifests, then the index under either.
    expect((await requests()).filter((line) => line.startsWith('PUT /v2/all/manifests/'))).toHaveLength(5);
    expect([...(await openClient().tags(parseReference(`${registry.host}/all`)))].sort()).toEqual(['1', '2']);
    source.fresh();
    const stored = await run('push', `${source.host}/org/app`, '--all-tags', '--to', `${registry.host}/stored`);
    expect(stored.code).toBe(0);
    expect([...(await openClient().tags(parseReference(`${registry.host}/stored`)))].sort()).toEqual(['1', '2']);
    expect(source.fresh()).toEqual([]);
    const gone = await run('push', `${registry.host}/never:1`);
    expect(gone.code).toBe(1);
    expect(gone.stderr).toMatch(
      /^✗ \S+\/never:1 .*is not complete in the store, .* Pull it first, or say where it is to go \(input to, option --to\): /m,
    );
  }, 60_000);

  test('cut at random moments leaves no tag on what is missing, and the next push completes it', async () => {
    const fetched = await run('pull', `${source.host}/org/app:1`, '--platform', 'all', '--engine', 'none');
    expect(fetched.code).toBe(0);
    for (let round = 0; round < 3; round += 1) {
      const at = 50_000 + Math.floor(Math.random() * 900_000);
      cutter.cutAfter([at]);
      const program = startSource(
        ['push', `${source.host}/org/app:1`, '--to', `${cutter.host}/cut`, '--store', path.join(folder, 'store')],
        { HOME: folder },
      );
      // The process goes with the connection, as when a runner is taken away.
      const watch = setInterval(() => cutter.left() === 0 && program.process.kill('SIGKILL'), 5);
      const { signal } = await program.done.finally(() => clearInterval(watch));
      if (signal !== 'SIGKILL') continue;
      expect((await requests()).filter((line) => /^PUT \S+\/manifests\/1$/.test(line))).toEqual([]);
      await expect(digestAt(registry.host, 'cut:1')).rejects.toMatchObject({ code: /UNKNOWN/ });
    }
    cutter.cutAfter([400_000, 200_000]);
    const last = await pushing(`${cutter.host}/cut`);
    expect({ code: last.code, stderr: last.stderr }).toEqual({ code: 0, stderr: '' });
    expect(await digestAt(registry.host, 'cut:1')).toBe(index);
    const checked = await run('pull', `${registry.host}/cut:1`, '--platform', 'all', '--engine', 'none');
    expect(checked.code).toBe(0);
  }, 120_000);
});

describe('what cannot be pushed', () => {
  test('is said, all at once', async () => {
    const two = await run('push', 'redis:7', 'nginx', '--to', `${registry.host}/x:1`, '--to', 'y@sha256:00');
    expect(two.code).toBe(1);
    expect(two.stderr).toContain('to: a destination with a tag takes one image');
    const same = await run(
      ...['push', `${source.host}/org/app:1`, `${source.host}/org/app:1@${index}`, '--to', `${registry.host}/x`],
    );
    expect(same.stderr).toContain('would both be pushed there');
  }, 60_000);
});
