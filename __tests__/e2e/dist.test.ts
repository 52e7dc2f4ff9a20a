import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { start } from '../support/terminal.ts';

const project = path.resolve(import.meta.dirname, '../..');
const dist = path.join(project, 'dist');
const folder = mkdtempSync(path.join(tmpdir(), 'pull-image-dist-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const filesIn = (root: string) =>
  readdirSync(root, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();

describe('dist', () => {
  const built = path.join(folder, 'dist');
  beforeAll(() => {
    // In a copy: a build of the checkout itself may be under way, and a bundle must not tell where it was made.
    const copy = path.join(folder, 'elsewhere/project');
    for (const name of ['src', 'scripts', 'package.json', 'tsconfig.json'])
      cpSync(path.join(project, name), path.join(copy, name), { recursive: true });
    copyModules(path.join(copy, 'node_modules'));
    execFileSync(process.execPath, ['scripts/build.js', built], {
      cwd: copy,
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }, 120_000);

  test('holds what the build makes, and nothing else', () => {
    expect(filesIn(dist)).toEqual(filesIn(built));
    expect(filesIn(dist)).toEqual(expect.arrayContaining(['cli/index.js', 'main/index.js']));
  });

  test.each(filesIn(dist))('%s is byte for byte what the build makes', (file) => {
    const same =
      existsSync(path.join(built, file)) &&
      readFileSync(path.join(built, file)).equals(readFileSync(path.join(dist, file)));
    expect(same ? 'the same' : 'other bytes: run npm run build and commit dist').toBe('the same');
  });
});

/** Linked where that can be done: there are many. */
function copyModules(to: string): void {
  const from = path.join(project, 'node_modules');
  try {
    execFileSync('cp', ['-al', from, to], { stdio: 'ignore' });
  } catch {
    rmSync(to, { recursive: true, force: true });
    cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  }
}

describe('on the Node of the machine', () => {
  // npm puts the Node of the tests first; a user has another, and 20.18.1 is promised.
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const bare = folders.filter((entry) => !entry.includes('node_modules') && existsSync(path.join(entry, 'node')));
  const PATH = bare.length > 0 ? bare.join(path.delimiter) : path.dirname(process.execPath);
  const node = (...args: string[]) =>
    start('/usr/bin/env', ['node', ...args], { PATH, TMPDIR: folder, HOME: folder }).done;

  test('the command line tells its version', async () => {
    const [{ stdout: version }, said] = await Promise.all([node('--version'), node('dist/cli/index.js', '--version')]);
    process.stderr.write(`dist runs on Node ${version}`);
    const { version: expected } = JSON.parse(readFileSync(path.join(project, 'package.json'), 'utf8'));
    expect(said).toEqual({ code: 0, signal: null, stdout: `${expected}\n`, stderr: '' });
  }, 30_000);

  test('what Node compiled is kept in the cache folder of the user, and nowhere if he has none', async () => {
    const home = path.join(folder, 'home');
    mkdirSync(home);
    const [cli, bare] = ['dist/cli/index.js', process.execPath];
    const version = (environment: Record<string, string>) => start(bare, [cli, '--version'], environment).done;
    // The demonstration leaves nothing behind.
    expect(await start(bare, [cli], { HOME: home, TMPDIR: folder }).done).toMatchObject({ code: 0, stderr: '' });
    expect(filesIn(home)).toEqual([]);
    expect(await version({ HOME: home })).toMatchObject({ code: 0, stderr: '' });
    expect(filesIn(path.join(home, '.cache/pull-image-code')).length).toBeGreaterThan(1);
    expect(await version({ HOME: home })).toMatchObject({ code: 0, stderr: '' });
    expect(await version({ TMPDIR: path.join(folder, 'tmp') })).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(path.join(folder, 'tmp'))).toBe(false);
    // Another's folder, one that is not there, or cannot be, is no reason to fail.
    expect(await version({ HOME: path.join(folder, 'nowhere') })).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(path.join(folder, 'nowhere'))).toBe(false);
    expect(await version({ HOME: path.join(project, 'package.json') })).toMatchObject({ code: 0, stderr: '' });
  }, 30_000);

  test('npm start, which needs nothing installed, shows the main job', async () => {
    const { code, stdout, stderr } = await node('dist/cli/index.js');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/^✓ /gm)).toHaveLength(4);
  }, 30_000);

  test('the action starts, and refuses inputs that are not there', async () => {
    const { code, stdout, stderr } = await node('dist/main/index.js');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^::error title=[^\n]*::inputs: images: is empty/m);
  }, 30_000);
});
