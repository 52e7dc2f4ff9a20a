import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect } from '@jest/globals';
import { detectEngine } from '../../src/engine/engine.ts';
import { offerImage } from '../../src/server/offer.ts';
import { ENGINES } from '../support/engines.ts';
import { imageBag } from '../support/image-builder.ts';
import { loadableFrom, watched } from '../support/loadable.ts';
import { realTest } from '../support/real-parts.ts';

describe('layers that the engine has from another image are not read again, and the new image can be written out whole:', () => {
  for (const { title, engine: choice, parts, make } of ENGINES.filter(({ engine }) => engine !== 'docker'))
    realTest(...parts)(
      title,
      async () => {
        const own = await make();
        const folder = await mkdtemp(path.join(tmpdir(), 'shared-layers-'));
        try {
          const machine = { environment: own.environment, os: 'linux', offerImage } as const;
          const { engine } = await detectEngine(choice, machine, new AbortController().signal);
          const bag = imageBag();
          const layerSize = 200_000;
          const one = loadableFrom(bag, 'acme/one:1', await bag.image({ layers: ['base', 'one'], layerSize }));
          const two = loadableFrom(bag, 'acme/two:1', await bag.image({ layers: ['base', 'two'], layerSize }));
          await engine?.load(one, bag.source);
          const source = watched(bag.source);
          const held = await engine?.load(two, source);
          const [base, top] = two.manifest.layers;
          expect(source.opened).toContain(top?.digest);
          expect(source.opened).not.toContain(base?.digest);

          const file = path.join(folder, 'two.tar');
          const local = held?.local ?? '';
          if (choice === 'containerd') await own.command('images', 'export', file, local);
          else await own.command('save', '--format', 'oci-archive', '--output', file, local);
          expect((await stat(file)).size).toBeGreaterThan(2 * layerSize);
        } finally {
          await rm(folder, { recursive: true, force: true });
          await own.dispose();
        }
      },
      60_000,
    );
});
