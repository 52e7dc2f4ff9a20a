import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { renderOutputs } from '../../src/github/outputs.ts';
import { shortDigest } from '../../src/oci/digest.ts';
import { type MemoryEngine, memoryEngine } from '../fakes/memory-engine.ts';
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

async function pushed() {
  const amd = await bag.image({ layers: ['base'] });
  const arm = await bag.image({ layers: ['base', 'arm'], architecture: 'arm64' });
  const windows = await bag.image({ layers: ['win'], os: 'windows' });
  const index = bag.index([windows, arm, amd]);
  bag.tag('app', '1', index);
  return { index, amd, arm, windows, name: `${flow.server.host}/app` };
}

async function pulled(engine: MemoryEngine, images: string, platforms: string, store = memoryStore()) {
  const outcome = await flow.pull({ images, platforms }, { store, engine });
  const [image] = outcome.images;
  if (!image || image.error) throw image?.error ?? new Error('no image');
  const locals = Object.fromEntries(image.platforms.map(({ platform, local }) => [platform, local]));
  return { outcome, image, locals };
}

describe('an engine whose names hold one platform', () => {
  test('gives its own the name, and each further one a tag of its own', async () => {
    const engine = memoryEngine();
    const { name } = await pushed();
    const { image, locals } = await pulled(engine, 'HOST/app:1', 'linux/arm64,linux/amd64');
    expect(image.local).toBe(`${name}:1`);
    expect(locals).toEqual({ 'linux/amd64': `${name}:1`, 'linux/arm64': `${name}:1-linux-arm64` });
    expect(new Set(engine.names.keys())).toEqual(new Set([`${name}:1`, `${name}:1-linux-arm64`]));
    const { locals: again } = await pulled(engine, 'HOST/app:1', 'linux/arm64,linux/amd64', memoryStore());
    expect(again).toEqual(locals);
    expect(engine.sent).toHaveLength(2);
  });

  test('is not given what it could never run', async () => {
    const engine = memoryEngine();
    const { name } = await pushed();
    const { locals } = await pulled(engine, 'HOST/app:1', 'all');
    expect(locals).toEqual({
      'linux/amd64': `${name}:1`,
      'linux/arm64': `${name}:1-linux-arm64`,
      'windows/amd64': undefined,
    });
  });

  test('a bare digest has tags made of it', async () => {
    const engine = memoryEngine();
    const { name, index } = await pushed();
    const { locals } = await pulled(engine, `HOST/app@${index.digest}`, 'linux/amd64,linux/arm64');
    const tag = `sha256-${shortDigest(index.digest)}`;
    expect(locals).toEqual({ 'linux/amd64': `${name}:${tag}`, 'linux/arm64': `${name}:${tag}-linux-arm64` });
  });

  test('a tag that would grow too long is made of the digest', async () => {
    const engine = memoryEngine();
    const { name, index, arm } = await pushed();
    const tag = 'x'.repeat(120);
    bag.tag('app', tag, index);
    const { locals } = await pulled(engine, `HOST/app:${tag}`, 'linux/amd64,linux/arm64');
    expect(locals['linux/arm64']).toBe(`${name}:sha256-${shortDigest(arm.digest)}`);
  });
});

test('an engine whose names hold several platforms has them all under one', async () => {
  const engine = memoryEngine({ keepsManifests: true });
  const { name, index, amd, arm } = await pushed();
  const { locals, image } = await pulled(engine, 'HOST/app:1', 'linux/amd64,linux/arm64');
  expect(locals).toEqual({ 'linux/amd64': `${name}:1`, 'linux/arm64': `${name}:1` });
  expect(image).toMatchObject({ digest: index.digest, digestRunnable: true });
  expect(engine.names).toEqual(new Map([[`${name}:1`, index.digest]]));
  expect(image.platforms.map(({ digest }) => digest)).toEqual([amd.digest, arm.digest]);
});

test.each(['linux/arm/v6,linux/arm/v7', 'all'])(
  'platforms that share a manifest are fetched and handed over once, and each is in the outputs (%s)',
  async (platforms) => {
    const v6 = await bag.image({ layers: ['base', 'arm'], architecture: 'arm', variant: 'v6' });
    bag.tag('app', '1', bag.index([v6, { ...v6, platform: { ...v6.platform, variant: 'v7' } }]));
    const engine = memoryEngine();
    const store = memoryStore();
    const { outcome, image, locals } = await pulled(engine, 'HOST/app:1', platforms, store);
    expect(image.platforms.map(({ platform, digest }) => [platform, digest])).toEqual([
      ['linux/arm/v6', v6.digest],
      ['linux/arm/v7', v6.digest],
    ]);
    const name = `${flow.server.host}/app:1`;
    expect(locals).toEqual({ 'linux/arm/v6': name, 'linux/arm/v7': name });
    expect(engine.sent).toEqual([name]);
    const requests = flow.requests();
    expect(new Set(requests).size).toBe(requests.length);
    const { json = '' } = renderOutputs(outcome, '');
    expect(Object.keys(JSON.parse(json).images[name].platforms)).toEqual(['linux/arm/v6', 'linux/arm/v7']);
    expect([...store.names.keys()].filter((key) => key.includes('@'))).toEqual([
      `${flow.server.host}/app@${v6.digest}`,
    ]);
    await pulled(engine, 'HOST/app:1', platforms, store);
    expect(engine.sent).toEqual([name]);
  },
);
