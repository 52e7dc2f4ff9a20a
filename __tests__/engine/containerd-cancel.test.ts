import { expect } from '@jest/globals';
import { connectContainerd } from '../../src/engine/containerd.ts';
import { offerImage } from '../../src/server/offer.ts';
import { ownContainerd } from '../support/containerd.ts';
import { imageBag } from '../support/image-builder.ts';
import { loadableFrom } from '../support/loadable.ts';
import { ROOT, realTest } from '../support/real-parts.ts';

const NAME = 'registry.example/acme/large:1';

// containerd gives the name before it unpacks, which takes a while for so large a layer.
realTest('containerd', 'ctr', ROOT)(
  'a cancelled run leaves containerd no name of an image that is not unpacked',
  async () => {
    const own = await ownContainerd();
    try {
      const bag = imageBag();
      const image = loadableFrom(bag, NAME, await bag.image({ layers: ['large'], layerSize: 60_000_000 }));
      const cancel = new AbortController();
      const engine = await connectContainerd({ environment: own.environment, offerImage, signal: cancel.signal });
      const loaded = engine.load(image, bag.source).catch((error: unknown) => error);
      while (!(await own.ctr('images', 'ls', '--quiet')).includes(NAME)) await new Promise(setImmediate);
      cancel.abort();
      expect(await loaded).toMatchObject({ code: 'CANCELLED' });
      expect(await own.ctr('images', 'ls', '--quiet')).toBe('');
    } finally {
      await own.stop();
    }
  },
  60_000,
);
