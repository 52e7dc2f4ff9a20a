import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect } from '@jest/globals';
import { detectEngine } from '../../src/engine/engine.ts';
import type { Held, Loadable } from '../../src/ports.ts';
import { offerImage } from '../../src/server/offer.ts';
import { startDockerRegistry } from '../support/docker-registry.ts';
import { ENGINES, type OwnEngine } from '../support/engines.ts';
import { imageBag } from '../support/image-builder.ts';
import { loadableFrom, watched } from '../support/loadable.ts';
import { realTest } from '../support/real-parts.ts';

const LAYER = 200_000;
const SHARED = ['base', 'tools', 'runtime'];

/** Its size on disk. */
async function saved(own: OwnEngine, engine: string, local: string, file: string): Promise<number> {
  if (engine === 'containerd') await own.command('images', 'export', file, local);
  else if (engine === 'podman') await own.command('save', '--format', 'oci-archive', '--output', file, local);
  else await own.command('save', '--output', file, local);
  return (await stat(file)).size;
}

/** Pushes it as it is named, and says what the registry has then. */
async function pushed(own: OwnEngine, { local }: Held, { reference, target }: Loadable): Promise<string | null> {
  await own.command('push', local);
  const { domain, path: repository, tag } = reference;
  const answer = await fetch(`http://${domain}/v2/${repository}/manifests/${tag}`, {
    headers: { accept: `${target.mediaType}, application/vnd.docker.distribution.manifest.v2+json` },
  });
  expect(answer.status).toBe(200);
  return answer.headers.get('docker-content-digest');
}

describe('layers that the engine has from another image are not read again, and the new image can be written out whole:', () => {
  for (const { title, engine: choice, parts, make } of ENGINES)
    realTest('docker-registry', ...parts)(
      title,
      async () => {
        const [own, registry] = await Promise.all([make(), startDockerRegistry()]);
        const folder = await mkdtemp(path.join(tmpdir(), 'shared-layers-'));
        try {
          const machine = { environment: own.environment, os: 'linux', offerImage } as const;
          const { engine } = await detectEngine(choice, machine, new AbortController().signal);
          const bag = imageBag();
          const image = async (name: string) => {
            const target = await bag.image({ layers: [...SHARED, name], layerSize: LAYER });
            return loadableFrom(bag, `${registry.host}/acme/${name}:1`, target);
          };
          const [one, two] = [await image('one'), await image('two')];
          const first = watched(bag.source);
          await engine?.load(one, first);
          expect(first.bytes()).toBeGreaterThan(4 * LAYER);
          const source = watched(bag.source);
          const held = await engine?.load(two, source);
          if (!held) throw new Error('no engine');
          const layers = two.manifest.layers.map(({ digest }) => digest);
          expect(layers.filter((digest) => source.opened.includes(digest))).toEqual(layers.slice(-1));
          expect(source.bytes()).toBeLessThan(SHARED.length * LAYER);

          const size = await saved(own, choice, held.local, path.join(folder, 'two.tar'));
          expect(size).toBeGreaterThan(4 * LAYER);
          if (choice !== 'docker') return;
          const digest = await pushed(own, held, two);
          // Where manifests are kept it is the very same image; a graph driver writes one of its own.
          expect(digest === two.target.digest).toBe(engine?.holdsPlatforms);
        } finally {
          await rm(folder, { recursive: true, force: true });
          await registry.stop();
          await own.dispose();
        }
      },
      60_000,
    );
});
