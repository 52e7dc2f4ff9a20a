import { expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { KeptImage } from '../../src/outcome.ts';
import { publicOnly } from '../../src/pull/save.ts';

const kept = (facts: Partial<KeptImage>): KeptImage => ({
  key: 'app',
  reference: parseReference('registry.example/acme/app:1'),
  target: digestOf('x'),
  packs: [],
  fetched: [],
  tagAsked: true,
  withLogin: false,
  inside: undefined,
  ...facts,
});

test.each<[Partial<KeptImage>, boolean, 'saved' | 'kept out', number]>([
  [{}, false, 'saved', 0],
  [{ withLogin: true }, true, 'saved', 1],
  [{ withLogin: true }, false, 'kept out', 1],
  // Whoever asks from inside is no stranger.
  [{ inside: 'registry' }, true, 'kept out', 0],
  [{ inside: 'registry', withLogin: true }, true, 'kept out', 0],
  // What a mirror inside gave may be another image, or one that anybody can have.
  [{ inside: 'mirror' }, true, 'saved', 1],
  [{ inside: 'mirror' }, false, 'kept out', 1],
])(
  'an image with %j, which anybody can have: %s, is %s where strangers can read',
  async (facts, open, expected, asked) => {
    let asks = 0;
    const anonymous = {
      has: async () => {
        asks += 1;
        return open;
      },
    };
    const images = await publicOnly([kept(facts)], anonymous);
    expect(images.length === 1 ? 'saved' : 'kept out').toBe(expected);
    expect(asks).toBe(asked);
  },
);
