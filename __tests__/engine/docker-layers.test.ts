import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { connectDocker } from '../../src/engine/docker.ts';
import { dockerHost } from '../../src/engine/docker-host.ts';
import type { Digest } from '../../src/oci/digest.ts';
import type { BlobSource, Engine, Loadable } from '../../src/ports.ts';
import { offerImage } from '../../src/server/offer.ts';
import { docker, removeImages } from '../support/docker-cli.ts';
import { type DockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { loadableFrom, untouchable, watched } from '../support/loadable.ts';
import { dockerTest, hasDocker, hasPart } from '../support/real-parts.ts';

const test = dockerTest('docker-registry');
const isThere = hasDocker() && hasPart('docker-registry');
const run = randomBytes(4).toString('hex');
let registry: DockerRegistry;
let folder: string;
let bag: ImageBag;
let count = 0;
let prefix: string;
/** The same daemon, pulling from loopback and only sent to. */
let pulling: Engine;
let sending: Engine;
beforeAll(async () => {
  if (!isThere) return;
  const host = dockerHost(process.env);
  if (!host) throw new Error('no Docker daemon');
  const { signal } = new AbortController();
  [pulling, sending] = [await connectDocker(host, signal, { offerImage }), await connectDocker(host, signal)];
  registry = await startDockerRegistry();
  prefix = `${registry.host}/shared-${run}`;
  folder = await mkdtemp(path.join(tmpdir(), 'docker-layers-'));
}, 30_000);
afterAll(async () => {
  if (!isThere) return;
  await removeImages(prefix);
  await registry.stop();
  await rm(folder, { recursive: true });
}, 30_000);
beforeEach(() => {
  bag = imageBag();
  count += 1;
});

async function image(tag: string, ...layers: string[]): Promise<Loadable> {
  const target = await bag.image({ layers: layers.map((layer) => `${run} ${count} ${layer}`), layerSize: 50_000 });
  return loadableFrom(bag, `${prefix}/${count}:${tag}`, target);
}
const layersOf = ({ manifest }: Loadable) => manifest.layers.map(({ digest }) => digest);
async function opened(engine: Engine, loadable: Loadable, source: BlobSource = bag.source): Promise<readonly Digest[]> {
  const seen = watched(source);
  await engine.load(loadable, seen);
  // In the order of the layers: a daemon asks for several at once, and before a stream each is looked into.
  return layersOf(loadable).filter((digest) => seen.opened.includes(digest));
}

describe('a Docker daemon', () => {
  test('that pulled an image from loopback has its true name, and no other', async () => {
    const app = await image('1', 'base', 'top');
    expect(await opened(pulling, app)).toEqual(layersOf(app));
    const listed = await docker('images', '--digests', '--format', '{{.Repository}}:{{.Tag}}@{{.Digest}}');
    expect(listed.split('\n').filter((name) => /^127.0.0.1:\d+\/[0-9a-f]{32}\//.test(name))).toEqual([]);
    expect(listed).toContain(`${prefix}/${count}:1@`);
  });

  test('is not sent the layers of an image it pulled before', async () => {
    const [first, second] = [await image('1', 'base', 'top'), await image('2', 'base', 'other')];
    await pulling.load(first, bag.source);
    expect(await opened(pulling, second)).toEqual(layersOf(second).slice(1));
  });

  test('with a graph driver is not sent the layers of an image that was loaded before', async () => {
    if (pulling.holdsPlatforms) return;
    const [first, second] = [await image('1', 'base', 'middle', 'top'), await image('2', 'base', 'middle', 'other')];
    await sending.load(first, bag.source);
    const host = dockerHost(process.env);
    if (!host) throw new Error('no Docker daemon');
    const later = await connectDocker(host, new AbortController().signal, { offerImage });
    expect(await opened(later, second)).toEqual(layersOf(second).slice(2));
  });

  test('gives an image that it has under another name this one too, and needs no blob for it', async () => {
    const first = await image('1', 'base', 'top');
    await pulling.load(first, bag.source);
    const second = { ...first, reference: { ...first.reference, tag: '2' } };
    expect(await pulling.present(second)).toMatchObject({ local: `${prefix}/${count}:2` });
    const elsewhere = { ...first, reference: { ...first.reference, path: `${first.reference.path}-too` } };
    expect(await pulling.load(elsewhere, untouchable)).toMatchObject({ local: `${prefix}/${count}-too:1` });
  });

  for (const way of ['pulled from loopback', 'was sent']) {
    test(`saves and pushes what it ${way}`, async () => {
      const app = await image('1', 'base', 'top');
      const name = `${prefix}/${count}:1`;
      await (way === 'was sent' ? sending : pulling).load(app, bag.source);
      const archive = path.join(folder, `${count}.tar`);
      await docker('save', '--output', archive, name);
      expect((await stat(archive)).size).toBeGreaterThan(100_000);
      await docker('push', name);
      const pushed = await fetch(`http://${registry.host}/v2/shared-${run}/${count}/manifests/1`, {
        headers: { accept: `${app.target.mediaType}, application/vnd.docker.distribution.manifest.v2+json` },
      });
      expect(pushed.status).toBe(200);
      // Where manifests are kept it is the very same image; a graph driver writes one of its own.
      const digest = pushed.headers.get('docker-content-digest');
      expect(digest === app.target.digest).toBe(pulling.holdsPlatforms);
    });
  }

  test('knows the image by the digest of its name wherever it can, after either way in', async () => {
    for (const engine of [pulling, sending]) {
      const app = await image(engine === pulling ? '1' : '2', 'base', String(engine === pulling));
      const held = await engine.load(app, bag.source);
      const digests = JSON.parse(await docker('image', 'inspect', '--format', '{{json .RepoDigests}}', held.local));
      const pinned = `${prefix}/${count}@${app.target.digest}`;
      expect(digests).toEqual(pulling.holdsPlatforms ? [pinned] : []);
      expect(held.digestRunnable).toBe(pulling.holdsPlatforms);
    }
  });
});
