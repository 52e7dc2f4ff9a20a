import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PullError } from '../../src/errors.ts';
import type { Digest } from '../../src/oci/digest.ts';
import type { Store } from '../../src/ports.ts';
import { memoryStore } from '../fakes/memory-store.ts';
import { type Flow, flowOver } from '../support/flow.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';

let bag: ImageBag;
let flow: Flow;
beforeEach(async () => {
  bag = imageBag();
  flow = await flowOver(bag);
});
afterEach(() => flow.close());

const progress = () => flow.events.filter((event) => event.type === 'progress');
/** How far each blob was, from event to event. */
const steps = (digest: Digest) => progress().flatMap(({ blob }) => (blob?.digest === digest ? [blob.arrived] : []));

async function layersOf(...names: string[]) {
  bag.tag('app', '1', await bag.image({ layers: names }));
  return [...bag.blobs.values()].map(({ descriptor }) => descriptor).filter(({ mediaType }) => /layer/.test(mediaType));
}

test('is told blob by blob', async () => {
  const layers = await layersOf('base', 'top');
  await flow.pull({ images: 'HOST/app:1' });
  expect(layers).toHaveLength(2);
  for (const { digest, size } of layers) expect(steps(digest).at(-1)).toBe(size);
  const whole = layers.reduce((sum, { size }) => sum + size, 0);
  expect(progress().at(-1)).toEqual({ type: 'progress', received: whole, expected: whole, layersDone: 2, layers: 2 });
});

test('takes back what a try brought that failed', async () => {
  const [layer] = await layersOf('base');
  const { digest, size } = layer ?? { digest: '' as Digest, size: 0 };
  const inner = memoryStore();
  let failed = false;
  const store: Store = {
    ...inner,
    async write(blob, content) {
      if (blob.digest !== digest || failed) return inner.write(blob, content);
      for await (const _ of content) failed = true;
      throw new PullError('DIGEST_MISMATCH', blob.digest, 'other bytes');
    },
  };
  await flow.pull({ images: 'HOST/app:1' }, { store });
  expect(steps(digest)).toContain(0);
  expect(Math.max(...steps(digest))).toBe(size);
  expect(steps(digest).at(-1)).toBe(size);
});
