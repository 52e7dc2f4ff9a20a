import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { connectPodman } from '../../src/engine/podman.ts';
import type { BlobSource, Engine, Loadable } from '../../src/ports.ts';
import { offerImage } from '../../src/server/offer.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { loadableFrom } from '../support/loadable.ts';
import { type OwnPodman, ownPodman } from '../support/podman.ts';
import { hasPart, realTest } from '../support/real-parts.ts';
import { flipped } from '../support/store-blobs.ts';

const podmanTest = realTest('podman');

let own: OwnPodman;
let engine: Engine;
let bag: ImageBag;
beforeAll(async () => {
  if (!hasPart('podman')) return;
  own = await ownPodman();
  engine = await connectPodman({ environment: own.environment, offerImage, signal: new AbortController().signal });
});
afterAll(() => own?.dispose());
beforeEach(() => {
  bag = imageBag();
});

/** Wrong bytes of the image's top layer as often as said: those of a file that is replaced while it is served. */
function wrongly(image: Loadable, times: number): BlobSource & { readonly served: () => number } {
  const top = image.manifest.layers.at(-1)?.digest;
  let served = 0;
  return {
    served: () => served,
    async *open(blob, range) {
      if (blob.digest !== top) return yield* bag.source.open(blob, range);
      served += 1;
      for await (const chunk of bag.source.open(blob, range))
        yield served > times ? chunk : flipped(Buffer.from(chunk), 500);
    },
  };
}

podmanTest(
  'a layer that was wrong while Podman read it, and is right by now, is handed over again',
  async () => {
    const image = loadableFrom(bag, 'pull-image-test/again:1', await bag.image({ layers: ['base', 'again'] }));
    const held = await engine.load(image, wrongly(image, 1));
    expect(held).toMatchObject({ local: 'pull-image-test/again:1', imageId: image.manifest.config.digest });
  },
  30_000,
);

podmanTest(
  'what fails twice is said in the words of Podman',
  async () => {
    const image = loadableFrom(bag, 'pull-image-test/wrong:1', await bag.image({ layers: ['base', 'wrong'] }));
    await expect(engine.load(image, wrongly(image, Number.POSITIVE_INFINITY))).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      subject: engine.title,
      reason: expect.stringContaining('loading pull-image-test/wrong:1: '),
    });
    expect(await engine.present(image)).toBeUndefined();
  },
  30_000,
);
