import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PullError } from '../../src/errors.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { type Digest, hexOf } from '../../src/oci/digest.ts';
import { OCI_CONFIG, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import type { BlobSource, Engine } from '../../src/ports.ts';
import { type ImageBag, type ImageRecipe, imageBag, layerOf } from '../support/image-builder.ts';
import { loadableFrom, untouchable, watched } from '../support/loadable.ts';

export interface EngineUnderTest {
  readonly engine: Engine;
  /** Takes every image away whose repository begins with the prefix, and those with these ids that have lost their names. */
  dispose(prefix: string, ids: readonly Digest[]): Promise<void>;
  /** True if its names have the registry spelled out, `docker.io/library/redis:7`. */
  readonly wholeNames?: boolean;
  /** True if it says by which manifest it has what it would run. */
  readonly tellsManifests?: boolean;
  /** True if it takes layers in without holding them against the config, as Podman did before version 5. */
  readonly believesConfigs?: boolean;
}

type Test = (name: string, run: () => Promise<void>, timeoutMs?: number) => void;

/** What every implementation of the Engine port must do. `it` skips where a real engine is missing, and then nothing is made. */
export function engineContract(
  title: string,
  make: () => Promise<EngineUnderTest>,
  it: Test = test,
  isThere = true,
): void {
  describe(`${title}, as an Engine`, () => {
    // Images, names and layers are of this run alone, so that nothing an engine holds from elsewhere counts.
    const run = randomBytes(4).toString('hex');
    const prefix = `pull-image-test-${run}`;
    const ids = new Set<Digest>();
    let count = 0;
    let name: string;
    let under: EngineUnderTest;
    let engine: Engine;
    let bag: ImageBag;

    beforeAll(async () => {
      if (!isThere) return;
      under = await make();
      const { load } = under.engine;
      engine = {
        ...under.engine,
        async load(image, source) {
          const held = await load(image, source);
          ids.add(held.imageId);
          return held;
        },
      };
    });
    afterAll(() => under?.dispose(prefix, [...ids]));
    beforeEach(() => {
      bag = imageBag();
      count += 1;
      name = `${prefix}/image-${count}`;
    });

    /** The name as the engine runs it. */
    const local = (given: string) => (under.wholeNames ? `docker.io/${given}` : given);
    const image = (recipe: Partial<ImageRecipe> = {}) => {
      const layers = (recipe.layers ?? ['base', 'top']).map((layer) => `${run} ${count} ${layer}`);
      return bag.image({ ...recipe, layers });
    };
    const mayTell = ({ digest }: Descriptor) => (under.tellsManifests ? [digest] : [digest, undefined]);
    const multi = async () => {
      const children = [await image(), await image({ layers: ['base', 'arm'], architecture: 'arm64' })];
      return { index: bag.index(children), children: children as [Descriptor, Descriptor] };
    };

    it('says what it is and what it runs', async () => {
      expect(engine.title).toMatch(/^\w+ [0-9]/);
      expect(engine.platform).toMatchObject({ os: 'linux', architecture: expect.stringMatching(/^[a-z0-9]+$/) });
    });

    it('holds nothing under a name nobody gave', async () => {
      expect(await engine.find(`${name}:1`)).toBeUndefined();
      expect(await engine.find(`${name}@sha256:${'0'.repeat(64)}`)).toBeUndefined();
      expect(await engine.present(loadableFrom(bag, `${name}:1`, await image()))).toBeUndefined();
    });

    it('takes an image in under its own name, and then has it', async () => {
      const target = await image();
      const loadable = loadableFrom(bag, `${name}:1`, target);
      const held = await engine.load(loadable, bag.source);
      expect(held).toMatchObject({ manifest: target.digest, local: local(`${name}:1`) });
      expect([target.digest, loadable.manifest.config.digest]).toContain(held.imageId);
      expect(await engine.present(loadable)).toEqual(held);
      const found = await engine.find(`${name}:1`);
      expect(found).toMatchObject({ imageId: held.imageId, platform: { os: 'linux', architecture: 'amd64' } });
      expect(mayTell(target)).toContain(found?.manifest);
    });

    it('knows one platform of an index, and the index by its digest or the image by its config', async () => {
      const { index, children } = await multi();
      const loadable = loadableFrom(bag, `${name}:1`, index, children[0]);
      const held = await engine.load(loadable, bag.source);
      expect(held.manifest).toBe(children[0].digest);
      expect([index.digest, loadable.manifest.config.digest]).toContain(held.imageId);
      expect(await engine.present(loadable)).toEqual(held);
      const found = await engine.find(held.local);
      expect(found?.platform).toMatchObject({ os: 'linux', architecture: 'amd64' });
      expect(mayTell(children[0])).toContain(found?.manifest);
    });

    it('has no platform it was not given, and takes it in under the same name', async () => {
      const { index, children } = await multi();
      const [amd, arm] = children.map((child) => loadableFrom(bag, `${name}:1`, index, child));
      if (!amd || !arm) throw new Error('two platforms were built');
      await engine.load(amd, bag.source);
      expect(await engine.present(arm)).toBeUndefined();
      const held = await engine.load(arm, bag.source);
      expect(held.manifest).toBe(children[1].digest);
      expect(await engine.present(arm)).toEqual(held);
    });

    it('takes in an index within an index', async () => {
      const { index, children } = await multi();
      const outer = bag.index([index]);
      const loadable = loadableFrom(bag, `${name}:1`, outer, index, children[0]);
      const held = await engine.load(loadable, bag.source);
      expect(await engine.present(loadable)).toEqual(held);
    });

    it('follows a tag that moved: the new image is there, the old one no longer under the name', async () => {
      const [old, young] = [await image(), await image({ layers: ['base', 'newer'] })];
      const before = loadableFrom(bag, `${name}:1`, old);
      await engine.load(before, bag.source);
      const after = loadableFrom(bag, `${name}:1`, young);
      expect(await engine.present(after)).toBeUndefined();
      const held = await engine.load(after, bag.source);
      expect(held.manifest).toBe(young.digest);
      expect((await engine.find(`${name}:1`))?.imageId).toBe(held.imageId);
    });

    it('gives an image it has further tags without reading a blob', async () => {
      const { index, children } = await multi();
      const first = await engine.load(loadableFrom(bag, `${name}:1`, index, children[0]), bag.source);
      for (const tag of ['1.2', 'latest']) {
        const held = await engine.load(loadableFrom(bag, `${name}:${tag}`, index, children[0]), untouchable);
        expect(held).toEqual({ ...first, local: local(`${name}:${tag}`) });
      }
      const written = loadableFrom(bag, name, index, children[0]);
      expect((await engine.present(written))?.local).toBe(local(`${name}:latest`));
    });

    it('name:tag@digest has the tag for its name', async () => {
      const target = await image();
      const loadable = loadableFrom(bag, `${name}:1@${target.digest}`, target);
      const held = await engine.load(loadable, bag.source);
      expect(held.local).toBe(local(`${name}:1`));
      expect(await engine.present(loadable)).toEqual(held);
    });

    it('a bare digest is a name, or becomes a tag where digests are no names', async () => {
      const { index, children } = await multi();
      const loadable = loadableFrom(bag, `${name}@${index.digest}`, index, children[0]);
      const held = await engine.load(loadable, bag.source);
      const tagged = `${name}:sha256-${hexOf(index.digest).slice(0, 12)}`;
      expect(held.local).toBe(local(held.digestRunnable ? `${name}@${index.digest}` : tagged));
      expect(await engine.present(loadable)).toEqual(held);
      expect((await engine.find(held.local))?.imageId).toBe(held.imageId);
    });

    it('name@digest runs if, and only if, the engine finds it', async () => {
      const { index, children } = await multi();
      const held = await engine.load(loadableFrom(bag, `${name}:1`, index, children[0]), bag.source);
      const found = await engine.find(`${name}@${index.digest}`);
      expect(found !== undefined).toBe(held.digestRunnable);
      const digests = (await engine.find(`${name}:1`))?.digests;
      expect(digests).toEqual(held.digestRunnable ? [index.digest] : []);
    });

    it('reads config and layers once each, also a layer that is listed twice', async () => {
      const target = await image({ layers: ['base', 'empty', 'top', 'empty'] });
      const loadable = loadableFrom(bag, `${name}:1`, target);
      const source = watched(bag.source);
      const held = await engine.load(loadable, source);
      expect(new Set(source.opened)).toEqual(
        new Set([loadable.manifest.config.digest, ...loadable.manifest.layers.map((it) => it.digest)]),
      );
      expect(await engine.present(loadable)).toEqual(held);
    });

    it('takes in a layer packed with zstd', async () => {
      const { bytes, diffId } = await layerOf(`${run} zstd`, 100_000);
      const rootfs = { type: 'layers', diff_ids: [diffId] };
      const config = bag.add(OCI_CONFIG, { os: 'linux', architecture: 'amd64', config: {}, rootfs });
      const zstd = zlib.zstdCompressSync(zlib.gunzipSync(bytes));
      const layers = [bag.add('application/vnd.oci.image.layer.v1.tar+zstd', zstd)];
      const target = bag.add(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers });
      const loadable = loadableFrom(bag, `${name}:1`, target);
      const held = await engine.load(loadable, bag.source);
      expect(held.manifest).toBe(target.digest);
      expect(await engine.present(loadable)).toEqual(held);
    });

    it('a blob that turns out wrong ends the load with the source’s own error, and a second try succeeds', async () => {
      for (const at of [0, 1]) {
        // What came whole may stay in the engine, so each time they are other layers.
        const target = await image({ layers: [`base ${at}`, `top ${at}`] });
        const loadable = loadableFrom(bag, `${name}:1`, target);
        const failure = new PullError('DIGEST_MISMATCH', 'layer', 'other bytes');
        await expect(
          engine.load(loadable, failing(bag.source, loadable.manifest.layers[at]?.digest, failure)),
        ).rejects.toBe(failure);
        expect(await engine.present(loadable)).toBeUndefined();
        expect((await engine.load(loadable, bag.source)).manifest).toBe(target.digest);
      }
    });

    it('refuses a layer that is no tar, in words that name engine and image', async () => {
      const { diffId } = await layerOf('anything');
      const config = bag.add(OCI_CONFIG, {
        os: 'linux',
        architecture: 'amd64',
        config: {},
        rootfs: { type: 'layers', diff_ids: [diffId] },
      });
      const layers = [bag.add(OCI_LAYER_GZIP, randomBytes(5000))];
      const target = bag.add(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers });
      await refused(target);
    });

    it('refuses layers that are not what the config says', async () => {
      const { diffId } = await layerOf('anything else');
      const target = await image({ config: { rootfs: { type: 'layers', diff_ids: [diffId, diffId] } } });
      if (!under.believesConfigs) await refused(target);
    });

    async function refused(target: Descriptor): Promise<void> {
      const loadable = loadableFrom(bag, `${name}:1`, target);
      await expect(engine.load(loadable, bag.source)).rejects.toMatchObject({
        code: 'ENGINE_FAILED',
        subject: engine.title,
        reason: expect.stringContaining(`loading ${local(`${name}:1`)}: `),
      });
      expect(await engine.present(loadable)).toBeUndefined();
    }

    it('takes in several images at the same time', async () => {
      const targets = await Promise.all(['one', 'two', 'three'].map((layer) => image({ layers: ['base', layer] })));
      const loadables = targets.map((target, at) => loadableFrom(bag, `${name}:${at}`, target));
      const held = await Promise.all(loadables.map((loadable) => engine.load(loadable, bag.source)));
      expect(held.map(({ manifest }) => manifest)).toEqual(targets.map(({ digest }) => digest));
    });
  });
}

/** The source, but for one blob it gives a part and then the error. */
function failing(source: BlobSource, digest: Digest | undefined, failure: Error): BlobSource {
  return {
    async *open(blob) {
      if (blob.digest !== digest) return yield* source.open(blob);
      for await (const chunk of source.open(blob)) yield chunk.subarray(0, 100);
      throw failure;
    },
  };
}
