import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BagRegistry, bagRegistry, fetched } from '../support/bag-registry.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { newRunner, type Runner, type StepResult } from '../support/runner.ts';
import { auditStore } from '../support/store-audit.ts';
import { writeFiles } from '../support/workspace.ts';

const FILES = 'compose.yml';
const LOCK = 'pull-image.lock.json';

let bag: ImageBag;
let registry: BagRegistry;
let runner: Runner;
beforeEach(async () => {
  bag = imageBag();
  for (const name of ['db', 'web', 'tools', 'worker']) {
    const amd = await bag.image({ layers: ['base', name] });
    const arm = await bag.image({ layers: ['arm base', name], architecture: 'arm64' });
    bag.tag(`acme/${name}`, '1', bag.index([amd, arm]));
  }
  registry = await bagRegistry(bag);
  runner = await newRunner();
  await writeFiles(path.join(runner.folder, 'workspace'), project(registry.host));
});
afterEach(async () => {
  await runner.dispose();
  await registry.close();
});

/** Several services, variables, one that is built, one with a profile, one of another platform. */
const project = (host: string) => ({
  'compose.yml': `
x-app: &app
  image: ${host}/acme/web:\${WEB:-1}
services:
  web: *app
  db:
    image: "\${HOST:?where from}/acme/db:\${DB}"
  app:
    build: .
    image: acme/app
  again: {<<: *app, command: sh}
  arm:
    image: ${host}/acme/worker:1
    platform: linux/arm64
  tools:
    image: ${host}/acme/tools:1
    profiles: [debug]
`,
  '.env': `HOST=${host}\nDB=1\n`,
});

const inWorkspace = (file: string) => path.join(runner.folder, 'workspace', file);
const index = (name: string) => bag.catalog.find(`acme/${name}`, '1')?.digest ?? '';
const leaf = (name: string, at: number) => {
  const bytes = bag.blobs.get(bag.catalog.find(`acme/${name}`, '1')?.digest as never)?.bytes;
  return JSON.parse(Buffer.from(bytes ?? []).toString()).manifests[at].digest;
};
const key = (name: string) => `${registry.host}/acme/${name}:1`;
const keysOf = ({ outputs }: StepResult) => Object.keys(JSON.parse(outputs.digests ?? '{}')).sort();
const good = ({ code, stderr, errors }: StepResult) =>
  expect({ code, stderr, errors }).toEqual({ code: 0, stderr: '', errors: [] });
const said = ({ stdout }: StepResult, level: string) =>
  stdout.split('\n').filter((line) => line.startsWith(`::${level}`));

async function moveDb(): Promise<void> {
  bag.tag('acme/db', '1', bag.index([await bag.image({ layers: ['base', 'db two'] })]));
}

describe('a compose project', () => {
  test('its images are found and pulled, each once and for its platform', async () => {
    const result = await runner.run({ files: FILES, platforms: 'linux/amd64', engine: 'none' });
    good(result);
    expect(keysOf(result)).toEqual(['db', 'web', 'worker'].map(key).sort());
    const { images } = JSON.parse(result.outputs.json ?? '');
    expect(Object.keys(images[key('worker')].platforms)).toEqual(['linux/arm64']);
    expect(Object.keys(images[key('web')].platforms)).toEqual(['linux/amd64']);
    expect(result.stdout).toContain('1 file: 3 images found');
    expect(result.stdout).toContain(
      'compose.yml:8: service app is left out: it is built, and acme/app is what comes out',
    );
    expect(result.stdout).toContain(
      'compose.yml:15: service tools is left out: none of its profiles (debug) is in COMPOSE_PROFILES',
    );
    await auditStore(result.outputs.store ?? '');

    const all = await runner.run(
      { files: FILES, platforms: 'linux/amd64', engine: 'none' },
      { COMPOSE_PROFILES: 'debug' },
    );
    expect(keysOf(all)).toEqual(['db', 'tools', 'web', 'worker'].map(key).sort());
  }, 60_000);

  test('an image of another platform elsewhere has both', async () => {
    const result = await runner.run({ files: FILES, images: key('worker'), platforms: 'linux/amd64', engine: 'none' });
    good(result);
    const { images } = JSON.parse(result.outputs.json ?? '');
    expect(Object.keys(images[key('worker')].platforms)).toEqual(['linux/amd64', 'linux/arm64']);
  }, 60_000);

  test('a variable that is not set fails its image with file and line; the others are pulled', async () => {
    await writeFiles(path.join(runner.folder, 'workspace'), { '.env': '' });
    const result = await runner.run({ files: FILES, engine: 'none' });
    expect(result.code).toBe(1);
    expect(result.errors).toEqual([
      {
        title: `\${HOST:?where from}/acme/db:\${DB} (REFERENCE_INVALID)`,
        message: `compose.yml:7: \${HOST:?where from}/acme/db:\${DB} needs HOST, which is not set: where from. Set HOST in the env of the step or in the .env file beside it.`,
      },
    ]);
    expect(keysOf(result)).toEqual(['web', 'worker'].map(key).sort());
  }, 60_000);

  test('a file that is not there is one error, and nothing is pulled', async () => {
    const result = await runner.run({ files: 'gone.yml\nmany/**', images: key('web'), engine: 'rocket' });
    expect(result.code).toBe(1);
    expect(result.errors).toHaveLength(1);
    for (const words of [
      '3 mistakes',
      '- files: gone.yml: is not there',
      '- files: many/** matches no file',
      '- engine: ',
    ])
      expect(result.errors[0]?.message).toContain(words);
    expect(registry.fresh()).toEqual([]);
  }, 60_000);
});

describe('a lock', () => {
  const inputs = { files: FILES, platforms: 'linux/amd64', engine: 'none', 'lock-file': LOCK };
  const update = { ...inputs, 'update-lock': 'true' };

  test('is written with every platform, obeyed while a tag moves, and moved by update-lock', async () => {
    const first = await runner.run(update);
    good(first);
    const locked = JSON.parse(await readFile(inWorkspace(LOCK), 'utf8'));
    const entry = (name: string) => ({
      digest: index(name),
      platforms: { 'linux/amd64': leaf(name, 0), 'linux/arm64': leaf(name, 1) },
    });
    expect(locked).toEqual({
      version: 1,
      images: { [key('db')]: entry('db'), [key('web')]: entry('web'), [key('worker')]: entry('worker') },
    });
    expect(first.stdout).toContain(`${LOCK}: 3 references; ${key('db')} is new`);

    const written = await stat(inWorkspace(LOCK));
    good(await runner.run(update));
    expect((await stat(inWorkspace(LOCK))).mtimeMs).toBe(written.mtimeMs);

    const before = index('db');
    await moveDb();
    const obeyed = await runner.run(inputs);
    good(obeyed);
    expect(JSON.parse(obeyed.outputs.digests ?? '')[key('db')]).toBe(before);
    expect(said(obeyed, 'notice')).toEqual([
      `::notice::${key('db')} has moved since it was locked: ${before} was pulled, as the lock file says; it is ${index('db')} now. Take it with update-lock: true.`,
    ]);
    const fresh = await newRunner();
    try {
      await writeFiles(path.join(fresh.folder, 'workspace'), {
        ...project(registry.host),
        [LOCK]: await readFile(inWorkspace(LOCK), 'utf8'),
      });
      registry.fresh();
      const cold = await fresh.run({ ...inputs, 'pull-policy': 'missing' });
      good(cold);
      expect(JSON.parse(cold.outputs.digests ?? '')[key('db')]).toBe(before);
      const asked = registry.fresh();
      expect(asked.filter((line) => /manifests\/1$/.test(line))).toEqual([]);
      expect(fetched(asked, 'manifests')).toContain(before);
    } finally {
      await fresh.dispose();
    }

    const moved = await runner.run(update);
    good(moved);
    expect(JSON.parse(moved.outputs.digests ?? '')[key('db')]).toBe(index('db'));
    expect(moved.stdout).toContain(`${LOCK}: 3 references; ${key('db')} moved from ${before} to ${index('db')}\n`);
    expect(JSON.parse(await readFile(inWorkspace(LOCK), 'utf8')).images[key('db')].digest).toBe(index('db'));
  }, 120_000);

  test('with the registry gone and all held is green, soon, with one notice and no error', async () => {
    good(await runner.run(update));
    await registry.close();
    const startedAt = Date.now();
    const result = await runner.run(inputs);
    good(result);
    expect(Date.now() - startedAt).toBeLessThan(15_000);
    expect(result.outputs['cache-hit']).toBe('true');
    expect(keysOf(result)).toEqual(['db', 'web', 'worker'].map(key).sort());
    expect(said(result, 'warning')).toEqual([]);
    expect(said(result, 'notice')).toEqual([
      expect.stringMatching(/^::notice::Whether .* moved since the lock file was written could not be asked/),
    ]);
    registry = await bagRegistry(bag);
  }, 60_000);

  test('that is not there, or lacks an image, is an error with the command that mends it', async () => {
    const absent = await runner.run(inputs);
    expect(absent.errors[0]?.message).toContain(
      `lock-file: ${LOCK} is not there. Write it with: pull-image lock --files compose.yml --lock-file ${LOCK}; or run once with update-lock: true`,
    );
    good(await runner.run(update));
    const before = await readFile(inWorkspace(LOCK), 'utf8');
    const lacking = await runner.run({ ...inputs, images: `${key('tools')}\n${key('web')}@${index('db')}` });
    expect(lacking.code).toBe(1);
    expect(lacking.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining(
        `${key('tools')}: is not in the lock file. Write it with: pull-image lock ${key('tools')} `,
      ),
      expect.stringContaining(`${key('web')}@${index('db')}: the lock file has ${index('web')}`),
    ]);
    expect(keysOf(lacking)).toEqual(['db', 'web', 'worker'].map(key).sort());

    const partly = await runner.run({ ...update, images: `${registry.host}/acme/gone:1` });
    expect(partly.code).toBe(1);
    expect(said(partly, 'warning')).toEqual([
      `::warning::${LOCK} was left as it was: it is to hold every image, and not all could be asked for.`,
    ]);
    expect(await readFile(inWorkspace(LOCK), 'utf8')).toBe(before);
  }, 120_000);

  test('somebody has edited is an error of the images it touches', async () => {
    good(await runner.run(update));
    const text = await readFile(inWorkspace(LOCK), 'utf8');
    await writeFiles(path.join(runner.folder, 'workspace'), { [LOCK]: text.replace(leaf('db', 0), leaf('web', 0)) });
    const { errors, outputs } = await runner.run(inputs);
    expect(errors).toEqual([
      {
        title: `${key('db')} (LOCK_MISMATCH)`,
        message: expect.stringContaining(
          `the lock file has ${leaf('web', 0)} for linux/amd64, but ${index('db')}, which it names as well, has ${leaf('db', 0)}`,
        ),
      },
    ]);
    expect(JSON.parse(outputs.digests ?? '')[key('web')]).toBe(index('web'));
  }, 60_000);

  test('of all-tags is exactly the tags it has', async () => {
    const tags = { images: `${registry.host}/acme/db`, 'all-tags': 'true', engine: 'none', 'lock-file': LOCK };
    const db = bag.catalog.find('acme/db', '1');
    if (db) bag.tag('acme/db', '2', db);
    good(await runner.run({ ...tags, 'update-lock': 'true' }));
    if (db) bag.tag('acme/db', '3', db);
    registry.fresh();
    const result = await runner.run(tags);
    good(result);
    expect(keysOf(result)).toEqual([`${registry.host}/acme/db:1`, `${registry.host}/acme/db:2`]);
    expect(registry.fresh().filter((line) => line.includes('/tags/'))).toEqual([]);
    const narrowed = await runner.run({ ...tags, tags: '>=2' });
    expect(keysOf(narrowed)).toEqual([`${registry.host}/acme/db:2`]);
  }, 60_000);
});
