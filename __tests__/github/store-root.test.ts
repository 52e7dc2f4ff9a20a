import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { arch, homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { storeRoot } from '../../src/github/store-root.ts';

let folder = '';
let tools = '';
let temp = '';
let place = '';
let lock = '';
const write = process.stdout.write;

beforeEach(async () => {
  // @actions/tool-cache tells the runner's debug log what it does; here that would drown the results.
  process.stdout.write = ((text, ...rest) =>
    String(text).startsWith('::debug::') || Reflect.apply(write, process.stdout, [text, ...rest])) as typeof write;
  folder = await mkdtemp(join(tmpdir(), 'store-root-'));
  tools = join(folder, 'tools');
  temp = join(folder, 'temp');
  place = join(tools, 'pull-image-store', '1.0.0', arch());
  lock = join(tools, 'pull-image-store.lock');
  await mkdir(temp);
  process.env.RUNNER_TOOL_CACHE = tools;
  process.env.RUNNER_TEMP = temp;
});

afterEach(async () => {
  process.stdout.write = write;
  delete process.env.RUNNER_TOOL_CACHE;
  delete process.env.RUNNER_TEMP;
  await rm(folder, { recursive: true, force: true });
});

describe('without a store input', () => {
  test('the store is an empty folder of the tool cache, found again by the next job with what is in it', async () => {
    expect(await storeRoot(undefined)).toEqual({ path: place });
    expect(await readdir(place)).toEqual([]);
    await writeFile(join(place, 'index.json'), '{}');
    expect(await storeRoot(undefined)).toEqual({ path: place });
    expect(await readFile(join(place, 'index.json'), 'utf8')).toBe('{}');
    expect(await readdir(tools)).toEqual(['pull-image-store']);
    expect(await readdir(temp)).toEqual([]);
  });

  test('a store baked into the image of the runner is taken as it is', async () => {
    await mkdir(join(place, 'blobs', 'sha256'), { recursive: true });
    await writeFile(`${place}.complete`, '');
    expect(await storeRoot(undefined)).toEqual({ path: place });
    expect(await readdir(place)).toEqual(['blobs']);
  });

  test('of jobs that start together none empties the store of another', async () => {
    const jobs = Array.from({ length: 12 }, async (_, job) => {
      const { path, warning } = await storeRoot(undefined);
      await writeFile(join(path, `job-${job}`), '');
      return warning;
    });
    expect(await Promise.all(jobs)).toEqual(jobs.map(() => undefined));
    expect(await readdir(place)).toHaveLength(12);
    expect(existsSync(lock)).toBe(false);
  });

  test('a lock that is held is waited for', async () => {
    await mkdir(lock, { recursive: true });
    const root = storeRoot(undefined);
    await sleep(200);
    expect(existsSync(place)).toBe(false);
    await rmdir(lock);
    expect(await root).toEqual({ path: place });
  });

  test('a lock that a killed job left is removed once, whoever sees it', async () => {
    await mkdir(lock, { recursive: true });
    const old = new Date(Date.now() - 60_000);
    await utimes(lock, old, old);
    const jobs = Array.from({ length: 12 }, async (_, job) => {
      const { path } = await storeRoot(undefined);
      await writeFile(join(path, `job-${job}`), '');
    });
    await Promise.all(jobs);
    expect(await readdir(place)).toHaveLength(12);
    expect(await readdir(tools)).toEqual(['pull-image-store']);
  });

  test('no tool cache means one temp folder for the whole job, with a warning', async () => {
    delete process.env.RUNNER_TOOL_CACHE;
    const { path, warning } = await storeRoot(undefined);
    expect(path).toBe(join(temp, 'pull-image-store'));
    expect(warning).toBe(
      `The layer store cannot be in the runner's tool cache (RUNNER_TOOL_CACHE is not set): it is in ${path}, for this job only.`,
    );
    expect((await storeRoot(undefined)).path).toBe(path);
  });

  test('a tool cache that cannot be written to means a temp folder, with a warning', async () => {
    await writeFile(tools, 'not a folder');
    const { path, warning } = await storeRoot(undefined);
    expect(path).toBe(join(temp, 'pull-image-store'));
    expect(warning).toMatch(/tool cache \(E[A-Z]+: /);
  });

  test('outside a job the temp folder is new each time', async () => {
    delete process.env.RUNNER_TOOL_CACHE;
    delete process.env.RUNNER_TEMP;
    const roots = [await storeRoot(undefined), await storeRoot(undefined)].map(({ path }) => path);
    try {
      expect(new Set(roots).size).toBe(2);
      for (const root of roots) {
        expect(dirname(root)).toBe(tmpdir());
        expect((await stat(root)).mode & 0o077).toBe(0);
      }
    } finally {
      for (const root of roots) await rm(root, { recursive: true });
    }
  });
});

describe('with a store input', () => {
  test('it is made, and nothing is left in it', async () => {
    const path = join(folder, 'a', 'b');
    expect(await storeRoot(path)).toEqual({ path });
    expect(await readdir(path)).toEqual([]);
    expect(existsSync(tools)).toBe(false);
  });

  test('it becomes an absolute path', async () => {
    expect(await storeRoot('__tests__/github/..')).toEqual({ path: join(process.cwd(), '__tests__') });
    expect(await storeRoot('~')).toEqual({ path: homedir() });
    expect((await storeRoot(join(folder, '~x'))).path).toBe(join(folder, '~x'));
  });

  test('a path that cannot be made means a temp folder, with a warning that names it and cannot be a command', async () => {
    const file = join(folder, 'file\n::error::x');
    await writeFile(file, '');
    const { path, warning } = await storeRoot(join(file, 'store'));
    expect(path).toBe(join(temp, 'pull-image-store'));
    expect(warning).toMatch(
      /^The layer store cannot be in .*file : :error: :x\/store \(ENOTDIR: .*\): it is in .*, for this job only\.$/,
    );
  });

  const noProc = existsSync('/proc/self') ? test : test.skip;
  noProc('a folder that is there but takes no files means a temp folder, with a warning', async () => {
    expect(await storeRoot('/proc')).toMatchObject({
      path: join(temp, 'pull-image-store'),
      warning: expect.stringContaining('/proc'),
    });
  });
});

test('a machine with no room for a folder anywhere is an error that says what to do', async () => {
  const script = `
    const { storeRoot } = await import(${JSON.stringify(new URL('../../src/github/store-root.ts', import.meta.url).href)});
    const { code, message, hint } = await storeRoot(undefined).catch((error) => error);
    console.log(JSON.stringify({ code, message, hint }));`;
  const env = { PATH: process.env.PATH, TMPDIR: '/dev/null/none' };
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env, cwd });
  expect(JSON.parse(stdout)).toEqual({
    code: 'STORE_UNUSABLE',
    message: expect.stringMatching(/^\/dev\/null\/none: no folder for the layer store can be made: ENOTDIR/),
    hint: 'Set store to a directory that can be written to.',
  });
});
