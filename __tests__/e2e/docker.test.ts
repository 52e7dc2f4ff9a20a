import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_CONFIG, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import { docker, removeImages } from '../support/docker-cli.ts';
import { type DockerRegistry, pushBlob, pushManifest, startDockerRegistry } from '../support/docker-registry.ts';
import { layerOf } from '../support/image-builder.ts';
import { dockerTest, hasDocker, hasPart, realTest } from '../support/real-parts.ts';
import { newRunner, type Runner, type StepResult } from '../support/runner.ts';
import { hasRealImages, type Seeded, seed } from '../support/seed.ts';

const parts = ['docker-registry', 'skopeo'];
const test = dockerTest(...parts);
const hasParts = hasDocker() && hasPart(...parts);
/** Needs a program that runs in a container. */
const busyboxTest: typeof test = hasRealImages ? test : (name, run) => realTest('real images')(name, run);

let registry: DockerRegistry;
let seeded: readonly Seeded[];
let runner: Runner;
beforeAll(async () => {
  if (!hasParts) return;
  registry = await startDockerRegistry();
  seeded = await seed(registry.host);
}, 60_000);
afterAll(async () => {
  if (!hasParts) return;
  // The port of the registry is part of every name, so nobody else's image is touched.
  await removeImages(registry.host);
  await registry.stop();
}, 60_000);
beforeEach(async () => {
  runner = await newRunner();
});
afterEach(() => runner.dispose());

const busybox = () => {
  const found = seeded.find(({ name }) => name === 'library/busybox:1.37');
  if (!found) throw new Error('busybox is seeded');
  return { ...found, tagged: `${registry.host}/${found.name}`, repository: `${registry.host}/library/busybox` };
};
const imagesOf = (result: StepResult) => JSON.parse(result.outputs.json ?? '').images;

/** What the daemon tells of images while the task runs: `load`, `tag`, `pull`, … */
async function imageEvents(task: () => Promise<void>): Promise<string[]> {
  const since = Date.now() / 1000;
  await task();
  const until = Date.now() / 1000;
  const listed = await docker(
    'events',
    '--since',
    `${since}`,
    '--until',
    `${until}`,
    '--filter',
    'type=image',
    '--format',
    '{{.Action}} {{.Actor.Attributes.name}}',
  );
  return listed.split('\n').filter((line) => line.includes(registry.host) || line.startsWith('load'));
}

/** Runs the image as a later step would; the host's container network is not what is tested. */
const sayYes = (name: string) => docker('run', '--rm', '--network', 'none', '--pull', 'never', name, 'echo', 'yes');

async function inspected(name: string) {
  return JSON.parse(await docker('image', 'inspect', name))[0];
}

/** An image nobody has, with one layer packed as told; wrong on request. */
async function pushOwn(tag: string, { pack = zlib.gzipSync, architecture = 'amd64', wrong = false } = {}) {
  const { bytes } = await layerOf(randomBytes(8).toString('hex'), 200_000);
  const tar = zlib.gunzipSync(bytes);
  const layer = pack(tar);
  const rootfs = { type: 'layers', diff_ids: [digestOf(wrong ? layer : tar)] };
  const config = Buffer.from(JSON.stringify({ os: 'linux', architecture, config: { Cmd: ['none'] }, rootfs }));
  const mediaType = pack === zlib.gzipSync ? OCI_LAYER_GZIP : 'application/vnd.oci.image.layer.v1.tar+zstd';
  const described = (mediaType: string, bytes: Buffer) => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.byteLength,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: described(OCI_CONFIG, config),
      layers: [described(mediaType, layer)],
    }),
  );
  for (const blob of [layer, config]) await pushBlob(registry.host, 'own/image', blob);
  const digest = await pushManifest(registry.host, 'own/image', tag, { mediaType: OCI_MANIFEST, bytes: manifest });
  return { name: `${registry.host}/own/image:${tag}`, digest, diffId: digestOf(tar) };
}

describe('the action with a Docker daemon', () => {
  busyboxTest(
    'docker run finds the image under the name as written; a second run sends nothing',
    async () => {
      const { tagged, digest } = busybox();
      let first: StepResult | undefined;
      const sent = await imageEvents(async () => {
        first = await runner.run({ images: tagged });
      });
      if (!first) throw new Error('the action was not run');
      expect(first).toMatchObject({ code: 0, errors: [] });
      expect(sent).not.toEqual([]);
      expect(await sayYes(tagged)).toBe('yes');
      expect(first.outputs).toMatchObject({ digest, loaded: tagged, pinned: `${tagged}@${digest}` });
      expect(imagesOf(first)[tagged]).toMatchObject({ local: tagged, loaded: true, digest });

      const events = await imageEvents(async () => {
        const second = await runner.run({ images: tagged });
        expect(second).toMatchObject({ code: 0, errors: [] });
        expect(second.outputs).toMatchObject({ 'cache-hit': 'true', loaded: tagged, digest });
      });
      expect(events).toEqual([]);
      expect(await sayYes(tagged)).toBe('yes');
    },
    120_000,
  );

  busyboxTest(
    'every name in local runs offline, and name@digest where digestRunnable says so',
    async () => {
      const { repository, digest } = busybox();
      const [both, bare] = [`${repository}:both@${digest}`, `${repository}@${digest}`];
      const result = await runner.run({ images: `${both}\n${bare}` });
      expect(result).toMatchObject({ code: 0, errors: [] });
      const images = imagesOf(result);
      expect(images[both].local).toBe(`${repository}:both`);
      const asTag = `${repository}:sha256-${digest.slice('sha256:'.length, 'sha256:'.length + 12)}`;
      expect(images[bare].local).toBe(images[bare].digestRunnable ? bare : asTag);
      expect(result.outputs.loaded?.split('\n').sort()).toEqual([images[both].local, images[bare].local].sort());
      for (const { local } of [images[both], images[bare]]) {
        expect(await sayYes(local)).toBe('yes');
      }
      const byDigest = sayYes(bare);
      await expect(byDigest.catch(() => 'no')).resolves.toBe(images[bare].digestRunnable ? 'yes' : 'no');
      expect(images[both].digestRunnable).toBe(images[bare].digestRunnable);
    },
    120_000,
  );

  test('what was loaded can be saved again', async () => {
    const { name, diffId } = await pushOwn('saved');
    expect(await runner.run({ images: name })).toMatchObject({ code: 0, errors: [] });
    expect((await inspected(name)).RootFS.Layers).toEqual([diffId]);
    await docker('save', '--output', `${runner.folder}/saved.tar`, name);
  }, 60_000);

  test('docker pull afterwards moves no layer, and gives the image its digest where it had none', async () => {
    const { name, digest } = await pushOwn('again');
    expect(await runner.run({ images: name })).toMatchObject({ code: 0, errors: [] });
    const blobs = async () => (await registry.log()).filter((line) => line.includes('/blobs/sha256:')).length;
    const before = await blobs();
    await docker('pull', name);
    expect(await blobs()).toBe(before);
    expect((await inspected(name)).RepoDigests).toEqual([`${registry.host}/own/image@${digest}`]);
  }, 60_000);

  test('a zstd layer is loaded, by a Docker that reads zstd and by one that does not', async () => {
    const { name, diffId, digest } = await pushOwn('zstd', { pack: zlib.zstdCompressSync as typeof zlib.gzipSync });
    const result = await runner.run({ images: name });
    expect(result).toMatchObject({ code: 0, errors: [] });
    expect((await inspected(name)).RootFS.Layers).toEqual([diffId]);
    expect(result.outputs).toMatchObject({ digest, loaded: name });
  }, 60_000);

  test('an explicit platform that is not the engine’s is loaded as such', async () => {
    const { tagged } = busybox();
    const result = await runner.run({ images: tagged, platforms: 'linux/arm64' });
    expect(result).toMatchObject({ code: 0, errors: [] });
    const { platforms, loaded } = imagesOf(result)[tagged];
    expect(loaded).toBe(true);
    expect(Object.keys(platforms)).toEqual(['linux/arm64']);
    expect((await runner.run({ images: tagged, platforms: 'linux/arm64' })).outputs['cache-hit']).toBe('true');
  }, 60_000);

  test('an image the engine refuses is red and stored; the others are loaded', async () => {
    const bad = await pushOwn('bad', { wrong: true });
    const good = await pushOwn('good');
    for (const attempt of [1, 2]) {
      const result = await runner.run({ images: `${bad.name}\n${good.name}` });
      expect(result.code).toBe(1);
      expect(result.errors).toHaveLength(1);
      expect(result.errors[0]?.message).toContain(`loading ${bad.name}: `);
      expect(result.outputs).toMatchObject({ 'cache-hit': 'false', loaded: good.name, digest: bad.digest });
      expect(imagesOf(result)[bad.name]).toMatchObject({
        loaded: false,
        digest: bad.digest,
        error: { code: 'ENGINE_FAILED' },
      });
      expect(imagesOf(result)[good.name]).toMatchObject({ loaded: true, source: attempt === 1 ? 'registry' : 'store' });
    }
  }, 60_000);

  test('a daemon that does not come up in time is red, with every output set', async () => {
    const { name } = await pushOwn('unasked');
    const result = await runner.run({ images: name }, { DOCKER_HOST: 'unix:///no/such/docker.sock' });
    expect(result.code).toBe(1);
    expect(result.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('Docker: DOCKER_HOST=unix:///no/such/docker.sock: no such socket'),
    ]);
    expect(result.outputs).toMatchObject({ digest: '', digests: '{}', loaded: '', 'cache-hit': 'false' });
  }, 60_000);
});
