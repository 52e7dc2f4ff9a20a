import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Digest } from '../../src/oci/digest.ts';
import { bagRegistry, fetched } from '../support/bag-registry.ts';
import { startCacheService } from '../support/cache-service.ts';
import { cachedJob, warnings } from '../support/cached-jobs.ts';
import { composeJob, good, keysOf } from '../support/compose-job.ts';
import { composeProject } from '../support/compose-project.ts';
import { newRunner, type StepResult } from '../support/runner.ts';
import { writeFiles } from '../support/workspace.ts';

const FILES = 'compose.yml';
const LOCK = 'pull-image.lock.json';

const job = composeJob();
const { key, inWorkspace } = job;
const said = ({ stdout }: StepResult, level: string) =>
  stdout.split('\n').filter((line) => line.startsWith(`::${level}`));

describe('a lock', () => {
  const inputs = { files: FILES, platforms: 'linux/amd64', engine: 'none', 'lock-file': LOCK };
  const update = { ...inputs, 'update-lock': 'true' };

  test('is written with every platform, obeyed while a tag moves, and moved by update-lock', async () => {
    const first = await job.runner.run(update);
    good(first);
    const locked = JSON.parse(await readFile(inWorkspace(LOCK), 'utf8'));
    const entry = (name: string) => ({
      digest: job.project.index(name),
      platforms: { 'linux/amd64': job.project.leaf(name, 0), 'linux/arm64': job.project.leaf(name, 1) },
    });
    expect(locked).toEqual({
      version: 1,
      images: { [key('db')]: entry('db'), [key('web')]: entry('web'), [key('worker')]: entry('worker') },
    });
    expect(first.stdout).toContain(`${LOCK}: 3 references; ${key('db')} is new`);

    const written = await stat(inWorkspace(LOCK));
    good(await job.runner.run(update));
    expect((await stat(inWorkspace(LOCK))).mtimeMs).toBe(written.mtimeMs);

    const before = job.project.index('db');
    await job.project.move('db');
    const obeyed = await job.runner.run(inputs);
    good(obeyed);
    expect(JSON.parse(obeyed.outputs.digests ?? '')[key('db')]).toBe(before);
    expect(said(obeyed, 'notice')).toEqual([
      `::notice::${key('db')} has moved since it was locked: the lock file has ${before}, which counts; it is ${job.project.index('db')} now. Take it with update-lock: true.`,
    ]);
    const fresh = await newRunner();
    try {
      await writeFiles(path.join(fresh.folder, 'workspace'), {
        ...composeProject(job.registry.host),
        [LOCK]: await readFile(inWorkspace(LOCK), 'utf8'),
      });
      job.registry.fresh();
      const cold = await fresh.run({ ...inputs, 'pull-policy': 'missing' });
      good(cold);
      expect(JSON.parse(cold.outputs.digests ?? '')[key('db')]).toBe(before);
      const asked = job.registry.fresh();
      expect(asked.filter((line) => /manifests\/1$/.test(line))).toEqual([]);
      expect(fetched(asked, 'manifests')).toContain(before);
    } finally {
      await fresh.dispose();
    }

    const moved = await job.runner.run(update);
    good(moved);
    expect(JSON.parse(moved.outputs.digests ?? '')[key('db')]).toBe(job.project.index('db'));
    expect(moved.stdout).toContain(
      `${LOCK}: 3 references; ${key('db')} moved from ${before} to ${job.project.index('db')}\n`,
    );
    expect(JSON.parse(await readFile(inWorkspace(LOCK), 'utf8')).images[key('db')].digest).toBe(
      job.project.index('db'),
    );
  }, 120_000);

  test('whose digest the registry has no longer says so', async () => {
    good(await job.runner.run(update));
    const before = job.project.index('db');
    await job.project.move('db');
    job.project.bag.blobs.delete(before as Digest);
    const fresh = await newRunner();
    try {
      await writeFiles(path.join(fresh.folder, 'workspace'), {
        ...composeProject(job.registry.host),
        [LOCK]: await readFile(inWorkspace(LOCK), 'utf8'),
      });
      const { code, errors, summary } = await fresh.run(inputs);
      expect(code).toBe(1);
      expect(errors.map(({ message }) => message)).toEqual([
        expect.stringMatching(
          new RegExp(
            `not found .*The digest is that of the lock file, and the registry no longer has it. Take what ${key('db')} is now with update-lock: true.$`,
          ),
        ),
      ]);
      expect(summary).toContain('**1 tag moved since the lock file was written; what the file says counts**');
    } finally {
      await fresh.dispose();
    }
  }, 60_000);

  test('with the registry gone and all held is green, soon, with one notice and no error', async () => {
    good(await job.runner.run(update));
    await job.registry.close();
    const startedAt = Date.now();
    const result = await job.runner.run(inputs);
    good(result);
    expect(Date.now() - startedAt).toBeLessThan(15_000);
    expect(result.outputs['cache-hit']).toBe('true');
    expect(keysOf(result)).toEqual(['db', 'web', 'worker'].map(key).sort());
    expect(said(result, 'warning')).toEqual([]);
    expect(said(result, 'notice')).toEqual([
      expect.stringMatching(/^::notice::Whether .* moved since the lock file was written could not be asked/),
    ]);
    job.registry = await bagRegistry(job.project.bag);
  }, 60_000);

  test('that is not there, or lacks an image, is an error with the command that mends it', async () => {
    const absent = await job.runner.run(inputs);
    expect(absent.errors[0]?.message).toContain(
      `lock-file: ${LOCK} is not there. Write it with: pull-image lock --files compose.yml --lock-file ${LOCK}; or run once with update-lock: true`,
    );
    good(await job.runner.run(update));
    const before = await readFile(inWorkspace(LOCK), 'utf8');
    const lacking = await job.runner.run({
      ...inputs,
      images: `${key('tools')}\n${key('web')}@${job.project.index('db')}`,
    });
    expect(lacking.code).toBe(1);
    expect(lacking.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining(
        `${key('tools')}: is not in the lock file. Write it with: pull-image lock ${key('tools')} `,
      ),
      expect.stringContaining(
        `${key('web')}@${job.project.index('db')}: the lock file has ${job.project.index('web')}`,
      ),
    ]);
    expect(keysOf(lacking)).toEqual(['db', 'web', 'worker'].map(key).sort());

    const partly = await job.runner.run({ ...update, images: `${job.registry.host}/acme/gone:1` });
    expect(partly.code).toBe(1);
    expect(said(partly, 'warning')).toEqual([
      `::warning::${LOCK} was left as it was: it is to hold every image, and not all could be asked for.`,
    ]);
    expect(await readFile(inWorkspace(LOCK), 'utf8')).toBe(before);
  }, 120_000);

  test('that cannot be written is an error, after the summary of the images that came', async () => {
    await mkdir(inWorkspace(LOCK));
    const { code, errors, summary, outputs } = await job.runner.run(update);
    expect(code).toBe(1);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /cannot be written \(it is a folder\)\. Let lock-file name a file that this user may read and write\.$/,
      ),
    ]);
    expect(summary).toContain('3 images, ');
    expect(Object.keys(JSON.parse(outputs.digests ?? '{}'))).toHaveLength(3);
  }, 60_000);

  test('somebody has edited is an error of the images it touches', async () => {
    good(await job.runner.run(update));
    const text = await readFile(inWorkspace(LOCK), 'utf8');
    await writeFiles(inWorkspace(''), {
      [LOCK]: text.replace(job.project.leaf('db', 0), job.project.leaf('web', 0)),
    });
    const { errors, outputs } = await job.runner.run(inputs);
    expect(errors).toEqual([
      {
        title: `${key('db')} (LOCK_MISMATCH)`,
        message: expect.stringContaining(
          `the lock file has ${job.project.leaf('web', 0)} for linux/amd64, but ${job.project.index('db')}, which it names as well, has ${job.project.leaf('db', 0)}`,
        ),
      },
    ]);
    expect(JSON.parse(outputs.digests ?? '')[key('web')]).toBe(job.project.index('web'));
  }, 60_000);

  test('of all-tags is exactly the tags it has', async () => {
    const tags = { images: `${job.registry.host}/acme/db`, 'all-tags': 'true', engine: 'none', 'lock-file': LOCK };
    const db = job.project.bag.catalog.find('acme/db', '1');
    if (db) job.project.bag.tag('acme/db', '2', db);
    good(await job.runner.run({ ...tags, 'update-lock': 'true' }));
    if (db) job.project.bag.tag('acme/db', '3', db);
    job.registry.fresh();
    const result = await job.runner.run(tags);
    good(result);
    expect(keysOf(result)).toEqual([`${job.registry.host}/acme/db:1`, `${job.registry.host}/acme/db:2`]);
    expect(job.registry.fresh().filter((line) => line.includes('/tags/'))).toEqual([]);
    const narrowed = await job.runner.run({ ...tags, tags: '>=2' });
    expect(keysOf(narrowed)).toEqual([`${job.registry.host}/acme/db:2`]);
  }, 60_000);

  test('a registry that does not answer about tags delays nothing', async () => {
    good(await job.runner.run(update));
    const { host } = job.registry;
    const text = await readFile(inWorkspace(LOCK), 'utf8');
    const silent = await bagRegistry(
      job.project.bag,
      ({ kind }, _, { method }) => kind === 'manifest' && method === 'HEAD',
    );
    try {
      const files = { 'compose.yml': `services: {db: {image: "${silent.host}/acme/db:1"}}` };
      await writeFiles(inWorkspace(''), { ...files, [LOCK]: text.replaceAll(host, silent.host) });
      const startedAt = Date.now();
      const result = await job.runner.run(inputs);
      good(result);
      expect(Date.now() - startedAt).toBeLessThan(10_000);
      expect(JSON.parse(result.outputs.digests ?? '')).toEqual({
        [`${silent.host}/acme/db:1`]: job.project.index('db'),
      });
      expect(said(result, 'notice')).toEqual([
        expect.stringContaining('/acme/db:1 moved since the lock file was written could not be asked'),
      ]);
    } finally {
      await silent.close();
    }
  }, 60_000);

  test('with the registry gone and the cache warm is green on a runner that has nothing', async () => {
    const service = await startCacheService();
    try {
      const environment = { GITHUB_WORKSPACE: inWorkspace('') };
      good((await cachedJob(service, update, { environment })).step);
      await job.registry.close();
      const { step } = await cachedJob(service, inputs, { environment });
      good(step);
      expect(step.outputs['cache-hit']).toBe('true');
      expect(keysOf(step)).toEqual(['db', 'web', 'worker'].map(key).sort());
      expect(warnings(step)).toEqual([]);
    } finally {
      await service.close();
      job.registry = await bagRegistry(job.project.bag);
    }
  }, 60_000);
});
