import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Ports, Store } from '../../src/ports.ts';
import { newRun } from '../../src/pull/run.ts';
import { parseSettings } from '../../src/settings.ts';
import { memoryCache } from '../fakes/memory-cache.ts';
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

const PATIENCE_MS = 3000;
/** Of an image, asked for before its layers are. */
const CONFIGS = 1;

test('a connection brings the next layer while the last is put into its place', async () => {
  bag.tag('app', '1', await bag.image({ layers: ['base', 'middle', 'top'] }));
  const inner = memoryStore();
  const layersAsked = () => flow.server.requests.filter((request) => request.includes('/blobs/')).length - CONFIGS;
  const askedBefore: number[] = [];
  const slow: Store = {
    ...inner,
    async write(blob, content) {
      await inner.write(blob, content);
      if (layersAsked() < 1) return;
      const until = Date.now() + PATIENCE_MS;
      while (askedBefore.length === 0 && layersAsked() < 2 && Date.now() < until)
        await new Promise((go) => setTimeout(go, 5));
      askedBefore.push(layersAsked());
    },
  };
  const { images } = await flow.pull({ images: 'HOST/app:1', 'max-concurrent-downloads': '1' }, { store: slow });
  expect(images[0]?.error).toBeUndefined();
  expect(askedBefore[0]).toBeGreaterThanOrEqual(2);
});

test('small questions never wait behind blobs', async () => {
  const { request } = parseSettings({ images: 'app:1', 'max-concurrent-downloads': '2' });
  const cache = memoryCache({ readable: false, writable: false });
  const run = newRun(request, { cache, now: Date.now, report: () => {} } as unknown as Ports);
  const blobs = Array.from({ length: 20 }, () => run.blobGate('r')(() => new Promise<void>(() => {})));
  expect(blobs).toHaveLength(20);
  await expect(run.gate('r')(async () => 'answered')).resolves.toBe('answered');
});
