import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { connectContainerd } from '../../src/engine/containerd.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import type { Engine, Loadable } from '../../src/ports.ts';
import { offerImage } from '../../src/server/offer.ts';
import { type OwnContainerd, ownContainerd } from '../support/containerd.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { loadableFrom } from '../support/loadable.ts';
import { hasPart, ROOT, realTest } from '../support/real-parts.ts';

const parts = ['containerd', 'ctr', ROOT];
const containerdTest = realTest(...parts);

let own: OwnContainerd;
let engine: Engine;
let bag: ImageBag;
beforeAll(async () => {
  if (!hasPart(...parts)) return;
  own = await ownContainerd();
  engine = await connect();
});
afterAll(() => own?.stop());
beforeEach(() => {
  bag = imageBag();
});

const connect = (PATH = own.environment.PATH) =>
  connectContainerd({ environment: { ...own.environment, PATH }, offerImage, signal: new AbortController().signal });

/** What a pull leaves of a blob that was killed after wrong bytes had come, all of them: the next one begins behind them. */
function leaveWrongBytes({ digest, size }: Descriptor): void {
  const args = ['content', 'ingest', '--expected-digest', digest, '--expected-size', `${size}`, `layer-${digest}`];
  const { stderr } = spawnSync('ctr', args, { env: own.environment, input: Buffer.alloc(size, 1) });
  expect(String(stderr)).toContain('unexpected commit digest');
}

const names = async () => (await own.ctr('images', 'ls', '--quiet')).split('\n');

async function stuckImage(name: string): Promise<Loadable> {
  const layers = [`${name} base`, `${name} top`];
  const [amd, arm] = [await bag.image({ layers }), await bag.image({ layers, architecture: 'arm64' })];
  const image = loadableFrom(bag, name, bag.index([amd, arm]), amd);
  for (const layer of image.manifest.layers) leaveWrongBytes(layer);
  return image;
}

containerdTest('an image goes in although containerd holds on to wrong bytes of its layers', async () => {
  const name = 'registry.example/acme/stuck:1';
  const image = await stuckImage(name);
  const held = await engine.load(image, bag.source);
  expect(held).toMatchObject({ imageId: image.target.digest, local: name, digestRunnable: true });
  expect(await engine.present(image)).toEqual(held);
  expect(await names()).toEqual([name, `registry.example/acme/stuck@${image.target.digest}`]);
  // What leads from the index to both platforms is for later pulls, and keeps what is there from being swept.
  expect(await own.ctr('content', 'ls')).toMatch(/gc\.ref\.content\.m\.1=/);
});

containerdTest('a source that fails in an import ends it with its own error, and no name stays', async () => {
  const image = await stuckImage('registry.example/acme/lost:1');
  const before = await names();
  const lost = new Error('lost');
  const failing: ImageBag['source'] = {
    async *open(blob, range) {
      yield* bag.source.open(blob, range);
      if (blob.digest === image.manifest.layers[1]?.digest) throw lost;
    },
  };
  await expect(engine.load(image, failing)).rejects.toBe(lost);
  expect(await names()).toEqual(before);
});

containerdTest('an import that fails as well is said together with what came before it', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ctr-'));
  try {
    const real = `PATH='${own.environment.PATH}' exec ctr "$@"`;
    const refusing = `#!/bin/sh\n[ "$2" = import ] || ${real}\necho 'ctr: no imports here' >&2\nexit 1\n`;
    await writeFile(path.join(folder, 'ctr'), refusing, { mode: 0o755 });
    const image = await stuckImage('registry.example/acme/both:1');
    const before = await names();
    await expect((await connect(`${folder}:${own.environment.PATH}`)).load(image, bag.source)).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      subject: engine.title,
      reason: expect.stringMatching(
        /^loading registry.example\/acme\/both:1: imported instead: no imports here; before that, loading .*: failed commit on ref "layer-sha256:/,
      ),
      hint: expect.stringContaining('ctr leases ls'),
    });
    expect(await names()).toEqual(before);
  } finally {
    await rm(folder, { recursive: true });
  }
});
