import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BagRegistry, bagRegistry } from '../support/bag-registry.ts';
import { type ImageBag, imageBag } from '../support/image-builder.ts';
import { start } from '../support/terminal.ts';
import { workspaceWith, writeFiles } from '../support/workspace.ts';

let bag: ImageBag;
let registry: BagRegistry;
let folder = '';
let dispose = async () => {};
beforeEach(async () => {
  bag = imageBag();
  bag.tag('acme/app', '1', await bag.image({ layers: ['base', 'app'], architecture: 'arm64' }));
  bag.tag('acme/db', '1', bag.index([await bag.image({ layers: ['base', 'db'] })]));
  registry = await bagRegistry(bag);
  ({ folder, dispose } = await workspaceWith({
    'compose.yml': `services: {db: {image: "${registry.host}/acme/db:1"}}`,
  }));
});
afterEach(async () => {
  await dispose();
  await registry.close();
});

const program = path.resolve(import.meta.dirname, '../../dist/cli/index.js');
const cli = (...args: string[]) =>
  start(process.execPath, [program, ...args], { HOME: path.join(folder, 'home') }, folder).done;
const lock = async () => JSON.parse(await readFile(path.join(folder, 'pull-image.lock.json'), 'utf8')).images;
const digest = (name: string) => bag.catalog.find(`acme/${name}`, '1')?.digest ?? '';
const key = (name: string) => `${registry.host}/acme/${name}:1`;

describe('pull-image lock', () => {
  test('writes what references and files are now, pulls no layer, and checks, refreshes and drops', async () => {
    const { code, stdout, stderr } = await cli('lock', key('app'), '--files', 'compose.yml');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('pull-image.lock.json: 2 references; ');
    expect(await lock()).toEqual({
      [key('app')]: { digest: digest('app'), platforms: { 'linux/arm64': digest('app') } },
      [key('db')]: { digest: digest('db'), platforms: { 'linux/amd64': expect.stringMatching(/^sha256:/) } },
    });
    // The config of the image without an index says its platform.
    expect(registry.fresh().filter((line) => line.includes('/blobs/'))).toHaveLength(1);

    expect(await cli('lock', '--check')).toMatchObject({
      code: 0,
      stdout: 'pull-image.lock.json: 2 references; unchanged\n',
    });
    const before = digest('app');
    bag.tag('acme/app', '1', await bag.image({ layers: ['base', 'app two'] }));
    const checked = await cli('lock', '--check');
    expect(checked).toMatchObject({ code: 1, stderr: '' });
    expect(checked.stdout).toBe(
      `pull-image.lock.json: 2 references; ${key('app')} moved from ${before} to ${digest('app')}\n`,
    );
    expect((await lock())[key('app')].digest).toBe(before);

    expect(await cli('lock')).toMatchObject({ code: 0 });
    expect((await lock())[key('app')].digest).toBe(digest('app'));

    const dropped = await cli('lock', '--files', 'compose.yml');
    expect(dropped.stdout).toContain(`${key('app')} is gone`);
    expect(Object.keys(await lock())).toEqual([key('db')]);
  }, 60_000);

  test('leaves the file as it was if a reference cannot be asked for', async () => {
    await writeFiles(folder, { 'pull-image.lock.json': '{"version": 1, "images": {}}' });
    const { code, stdout, stderr } = await cli('lock', key('app'), `${registry.host}/acme/gone:1`);
    expect(code).toBe(1);
    expect(stdout).not.toMatch(/warning|left as it was/);
    expect(stderr).toContain(`warning: ${registry.host}/acme/gone:1: `);
    expect(stderr).toContain('pull-image.lock.json was left as it was');
    expect(await lock()).toEqual({});
    expect((await readdir(folder)).sort()).toEqual(['compose.yml', 'home', 'pull-image.lock.json']);
  }, 60_000);

  test('pull obeys it', async () => {
    expect(await cli('lock', key('db'))).toMatchObject({ code: 0 });
    const before = digest('db');
    bag.tag('acme/db', '1', await bag.image({ layers: ['new'] }));
    const { code, stdout } = await cli(
      'pull',
      '--files',
      'compose.yml',
      '--lock-file',
      'pull-image.lock.json',
      '--engine',
      'none',
      '--platform',
      'linux/amd64',
    );
    expect(code).toBe(0);
    expect(stdout).toContain(`Digest: ${before}`);
    expect(stdout).toContain(`notice: ${key('db')} has moved since it was locked`);
  }, 60_000);
});
