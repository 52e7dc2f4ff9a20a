import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { ImageOutcome, PullOutcome } from '../../src/outcome.ts';
import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { ENGINES, type OwnEngine } from '../support/engines.ts';
import { pushPrograms } from '../support/program-images.ts';
import { hasPart, REAL_IMAGES, realTest } from '../support/real-parts.ts';
import { flipped } from '../support/store-blobs.ts';
import { type Wiring, wired } from '../support/wired.ts';

const run = promisify(execFile);
const needed = ['docker-registry', 'skopeo', REAL_IMAGES];
const busybox = `oci:${path.resolve(import.meta.dirname, '../../../shared/images/busybox')}:1.37`;

/** Each in a repository of its own, so that no name of one helps another. */
const REFERENCES = {
  tag: (repository: string) => `${repository}:1`,
  'tag@digest': (repository: string, digest: string) => `${repository}:1@${digest}`,
  digest: (repository: string, digest: string) => `${repository}@${digest}`,
};

async function push(host: string, repository: string, tag = '1'): Promise<string> {
  const name = `${host}/${repository}:${tag}`;
  const options = ['--insecure-policy', 'copy', '-q', '--all', '--preserve-digests', '--dest-tls-verify=false'];
  await run('skopeo', [...options, busybox, `docker://${name}`]);
  const asked = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
    headers: { accept: 'application/vnd.oci.image.index.v1+json' },
  });
  return asked.headers.get('docker-content-digest') ?? '';
}

function first({ images: [image] }: PullOutcome): ImageOutcome & { readonly local: string } {
  if (!image || image.error) throw image?.error ?? new Error('no image');
  if (!image.local) throw new Error(`${image.key} has no local name`);
  return { ...image, local: image.local };
}

describe.each(ENGINES)('$title', ({ engine, parts, make }) => {
  const all = [...parts, ...needed];
  const test = realTest(...all);
  let own: OwnEngine;
  let registry: DockerRegistry;
  let runner: Wiring;
  let stopped = false;
  let digest = '';
  const outcomes: Record<string, ImageOutcome & { readonly local: string }> = {};

  const pull = (image: string, more: Record<string, string> = {}) =>
    runner.pull({ images: image, engine, ...more }, own.environment);
  const runs = (name: string) =>
    own.runs(name, 'echo', 'yes').then(
      (said) => said === 'yes',
      () => false,
    );
  const blobsAsked = async () => (await registry.log()).filter((line) => line.includes('/blobs/')).length;

  beforeAll(async () => {
    if (!hasPart(...all)) return;
    [own, registry, runner] = await Promise.all([make(), startDockerRegistry(), wired()]);
    for (const [kind, reference] of Object.entries(REFERENCES)) {
      const repository = `table/${kind.replace('@', '-')}`;
      digest = await push(registry.host, repository);
      outcomes[kind] = first(await pull(reference(`${registry.host}/${repository}`, digest)));
    }
  }, 120_000);
  afterAll(async () => {
    if (!hasPart(...all)) return;
    if (!stopped) await registry.stop();
    await runner.dispose();
    await own.dispose();
  }, 60_000);

  test('a second run sends no bytes, with an empty store too', async () => {
    const name = `${registry.host}/table/tag:1`;
    const asked = await blobsAsked();
    const again = await pull(name);
    expect(again).toMatchObject({ cacheHit: true, totals: { downloaded: 0 } });
    expect(runner.events.filter(({ type }) => type === 'loading')).toEqual([]);
    await runner.forget();
    const empty = await pull(name);
    expect(empty).toMatchObject({ cacheHit: true, totals: { downloaded: 0 } });
    expect(first(empty)).toMatchObject({ source: 'engine', loaded: true, local: name });
    expect(runner.events.filter(({ type }) => type === 'loading')).toEqual([]);
    await runner.forget();
    // Nobody but the engine is asked now: it says the same of what it would run.
    const [known] = first(empty).platforms;
    const [said] = first(await pull(name, { 'pull-policy': 'never' })).platforms;
    expect(said).toMatchObject({ platform: known?.platform, imageId: known?.imageId, local: name, layers: [] });
    expect([undefined, known?.digest]).toContain(said?.digest);
    expect(await blobsAsked()).toBe(asked);
  }, 60_000);

  test('a layer that went bad in the store is refused by the engine, fetched again, and loaded', async () => {
    await push(registry.host, 'library/busybox', '1.37');
    await pushPrograms(registry.host, [{ repository: 'table/bad', tag: '1', program: 'bad' }]);
    const name = `${registry.host}/table/bad:1`;
    const stored = await runner.pull({ images: name, engine: 'none' }, own.environment);
    const layer = stored.images[0]?.platforms[0]?.layers.at(-1)?.digest ?? '';
    const file = path.join(runner.store, 'blobs', layer.replace(':', '/'));
    const bytes = await readFile(file);
    await writeFile(file, flipped(bytes, Math.floor(bytes.length / 2)));
    const outcome = first(await pull(name));
    expect(outcome).toMatchObject({ loaded: true });
    expect(runner.events).toContainEqual({
      type: 'warning',
      message: expect.stringContaining(`${layer}: other bytes: expected ${layer}`),
    });
    expect(await readFile(file)).toEqual(bytes);
    expect(await own.runs(outcome.local, 'bad')).toBe('bad runs');
  }, 60_000);

  test('another platform has a name that is there', async () => {
    const outcome = first(await pull(`${registry.host}/table/tag:1`, { platforms: 'linux/amd64,linux/arm64' }));
    const locals = outcome.platforms.map(({ local }) => local);
    expect(locals).toEqual([outcome.local, expect.stringMatching(/^127\.0\.0\.1:\d+\/table\/tag:1(-linux-arm64)?$/)]);
    const arm = locals[1] ?? '';
    if (engine === 'containerd') expect(await own.command('images', 'ls', '-q')).toContain(arm);
    else expect(JSON.parse(await own.command('image', 'inspect', arm))).toHaveLength(1);
    expect(await runs(outcome.local)).toBe(true);
  }, 60_000);

  if (engine === 'docker')
    test('docker save and docker push work afterwards', async () => {
      const { local } = outcomes.tag ?? { local: '' };
      expect((await own.command('save', local)).length).toBeGreaterThan(1_000_000);
      const copy = `${registry.host}/pushed/again:1`;
      await own.command('tag', local, copy);
      await own.command('push', copy);
      expect((await registry.log()).some((line) => line.includes('PUT /v2/pushed/again/manifests/1'))).toBe(true);
    }, 60_000);

  test('tag, tag@digest and digest run by their local names with the registry stopped; digestRunnable is the truth', async () => {
    await registry.stop();
    stopped = true;
    for (const [kind, { local, digestRunnable, key }] of Object.entries(outcomes)) {
      expect([kind, local, await runs(local)]).toEqual([kind, local, true]);
      const byDigest = `${key.replace(/@.*$/, '').replace(/:1$/, '')}@${digest}`;
      expect([kind, byDigest, await runs(byDigest)]).toEqual([kind, byDigest, digestRunnable]);
    }
  }, 60_000);
});
