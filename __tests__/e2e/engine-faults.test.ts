import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import type { Machine } from '../../src/engine/engine.ts';
import { detectEngine } from '../../src/engine/engine.ts';
import type { Loadable } from '../../src/ports.ts';
import { offerImage } from '../../src/server/offer.ts';
import { ownContainerd } from '../support/containerd.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { loadableFrom } from '../support/loadable.ts';
import { newerDocker, ownDocker } from '../support/own-docker.ts';
import { ownPodman } from '../support/podman.ts';
import { NEWER_DOCKER, ROOT, realTest } from '../support/real-parts.ts';
import { smallDisk } from '../support/small-disk.ts';

const signal = new AbortController().signal;
const machine = (environment: Machine['environment']): Machine => ({ environment, os: 'linux', offerImage });

let bag: ImageBag;
let undo: (() => Promise<void>)[];
beforeEach(() => {
  bag = imageBag();
  undo = [];
});
afterEach(async () => {
  for (const step of undo.reverse()) await step();
}, 60_000);

async function image(name: string, layerSize: number): Promise<Loadable> {
  const run = randomBytes(4).toString('hex');
  return loadableFrom(bag, `${name}:1`, await bag.image({ layers: [`${run} base`, `${run} top`], layerSize }));
}
const engineOf = async (choice: 'docker' | 'podman' | 'containerd', environment: Machine['environment']) => {
  const { engine } = await detectEngine(choice, machine(environment), signal);
  if (!engine) throw new Error('no engine');
  return engine;
};

describe('a disk of the engine that is too small is said, nothing stays under the name, and with more room the image goes in:', () => {
  const full = async (
    choice: 'docker' | 'podman' | 'containerd',
    environment: Machine['environment'],
    grow: (size: string) => void,
  ) => {
    const engine = await engineOf(choice, environment);
    const big = await image('pull-image-test/big', 15_000_000);
    await expect(engine.load(big, bag.source)).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      subject: engine.title,
      reason: expect.stringMatching(/loading (docker\.io\/)?pull-image-test\/big:1: .*no space left/i),
      hint: 'Free some disk space for the engine.',
    });
    expect(await engine.present(big)).toBeUndefined();
    grow('200m');
    expect((await engine.load(big, bag.source)).local).toContain('pull-image-test/big:1');
  };
  const disk = async () => {
    const small = await smallDisk('20m');
    undo.push(small.dispose);
    return small;
  };

  for (const [title, parts, store] of [
    ['Docker as installed', [], 'graphdriver'],
    ['Docker of a later release, containerd store', [NEWER_DOCKER], 'containerd'],
  ] as const)
    realTest(
      'docker',
      'dockerd',
      ROOT,
      ...parts,
    )(
      title,
      async () => {
        const { path: data, grow } = await disk();
        const own = await ownDocker({ newer: parts.length > 0 ? newerDocker() : undefined, store, data });
        undo.push(own.dispose);
        await own.start();
        const found = await (await engineOf('docker', own.environment)).disk?.(tmpdir());
        expect(found).toMatchObject({ path: expect.stringContaining(data), shared: false, empty: true });
        expect(found?.keepsPacked).toBe(store === 'containerd');
        expect(found?.freeBytes).toBeLessThan(20 * 2 ** 20);
        await full('docker', own.environment, grow);
      },
      60_000,
    );

  for (const [choice, parts, start] of [
    ['podman', ['podman'], ownPodman],
    ['containerd', ['containerd', 'ctr'], ownContainerd],
  ] as const)
    realTest(...parts, ROOT)(
      choice,
      async () => {
        const { path, grow } = await disk();
        const own = await start(path);
        undo.push('stop' in own ? own.stop : own.dispose);
        await full(choice, own.environment, grow);
      },
      60_000,
    );
});

/** A source that does something in the midst of each layer. */
const interrupted = (midway: () => Promise<void>): ImageBag['source'] => ({
  async *open(blob) {
    for await (const chunk of bag.source.open(blob)) {
      yield chunk.subarray(0, 100);
      if (blob.size > 10_000) await midway();
      yield chunk.subarray(100);
    }
  },
});

describe('a daemon that goes while it loads is said, and back again it takes the image:', () => {
  realTest('docker', 'dockerd', ROOT)(
    'Docker',
    async () => {
      const own = await ownDocker();
      undo.push(own.dispose);
      await own.start();
      const engine = await engineOf('docker', own.environment);
      const loadable = await image('pull-image-test/killed', 100_000);
      await expect(
        engine.load(
          loadable,
          interrupted(() => own.stop('SIGKILL')),
        ),
      ).rejects.toMatchObject({
        code: 'ENGINE_UNAVAILABLE',
        subject: engine.title,
        reason: expect.stringMatching(/loading pull-image-test\/killed:1: .*(closed|refused|no such socket)/),
        hint: expect.stringContaining('daemon'),
      });
      await own.start();
      expect(await engine.present(loadable)).toBeUndefined();
      expect((await engine.load(loadable, bag.source)).local).toBe('pull-image-test/killed:1');
    },
    60_000,
  );

  realTest('containerd', 'ctr', ROOT)(
    'containerd',
    async () => {
      const own = await ownContainerd();
      undo.push(own.stop);
      const engine = await engineOf('containerd', own.environment);
      const loadable = await image('pull-image-test/killed', 100_000);
      await expect(
        engine.load(
          loadable,
          interrupted(() => own.kill()),
        ),
      ).rejects.toMatchObject({
        code: 'ENGINE_FAILED',
        subject: engine.title,
        reason: expect.stringContaining('loading docker.io/pull-image-test/killed:1: '),
      });
      await own.start();
      expect(await engine.present(loadable)).toBeUndefined();
      expect((await engine.load(loadable, bag.source)).local).toBe('docker.io/pull-image-test/killed:1');
    },
    60_000,
  );
});

describe('a daemon that comes up 5 s late is waited for:', () => {
  const late = async (
    choice: 'docker' | 'containerd',
    environment: Machine['environment'],
    start: () => Promise<void>,
  ) => {
    const started = sleep(5_000).then(start);
    const [engine] = await Promise.all([engineOf(choice, environment), started]);
    expect(engine.platform.os).toBe('linux');
  };

  realTest('docker', 'dockerd', ROOT)(
    'Docker',
    async () => {
      const own = await ownDocker();
      undo.push(own.dispose);
      await late('docker', own.environment, own.start);
    },
    60_000,
  );

  realTest('containerd', 'ctr', ROOT)(
    'containerd',
    async () => {
      const own = await ownContainerd();
      undo.push(own.stop);
      await own.kill();
      await late('containerd', own.environment, own.start);
    },
    60_000,
  );
});
