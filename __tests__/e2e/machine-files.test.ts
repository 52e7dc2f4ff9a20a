import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type BagRegistry, bagRegistry } from '../support/bag-registry.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { newRunner, type Runner } from '../support/runner.ts';

let bag: ImageBag;
let mirror: BagRegistry;
let runner: Runner;

beforeEach(async () => {
  bag = imageBag();
  mirror = await bagRegistry(bag);
  runner = await newRunner();
});
afterEach(async () => {
  await mirror.close();
  await runner.dispose();
});

// The whole way, from the bundle's own parser of TOML to the log.
test('the runner’s own registries.conf names a mirror, and a drop-in that is odd is a warning', async () => {
  const target = await bag.image({ layers: ['base'] });
  bag.tag('hub/acme/app', '1', target);
  const folder = path.join(runner.folder, 'home', '.config', 'containers');
  const file = path.join(folder, 'registries.conf');
  await mkdir(`${file}.d`, { recursive: true });
  await writeFile(
    file,
    `[[registry]]\nlocation = "registry.invalid"\n[[registry.mirror]]\nlocation = "${mirror.host}/hub"\n`,
  );
  await writeFile(path.join(`${file}.d`, 'odd.conf'), '[[registry]]\nlocation = ');
  const result = await runner.run({
    images: 'registry.invalid/acme/app:1',
    engine: 'none',
    cache: 'false',
    platforms: 'all',
  });
  expect(result).toMatchObject({ code: 0, outputs: { digest: target.digest } });
  expect(result.stdout).toContain(`registry.invalid/acme/app comes from the mirror ${mirror.host} (${file})`);
  expect(result.stdout).toMatch(/^::warning.*odd\.conf is not read: it is not TOML \(line 2/m);
});
