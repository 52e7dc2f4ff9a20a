import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type CacheProcess, cacheProcess } from '../../../src/github/cache/cache-process.ts';
import type { CacheRequest } from '../../../src/github/cache/messages.ts';
import { tempFolder } from '../../support/store-blobs.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let child: CacheProcess;
beforeEach(async () => {
  folder = await tempFolder();
  const childPath = path.join(import.meta.dirname, '../../support/cache-child-script.ts');
  child = cacheProcess({ childPath, root: folder.path, environment: {} });
});
afterEach(async () => {
  await child.kill();
  await folder.dispose();
});

const SHORT = 600;
const LONG = 60_000;

function ask(key: string, { op = 'restore' as CacheRequest['op'], answer = LONG, total = LONG } = {}) {
  return child.ask({ op, key, folder: folder.path, temp: folder.path }, { answer, total });
}

const isAlive = (pid: string | undefined): boolean => {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
};

async function pidOf(): Promise<string | undefined> {
  const reply = await ask('answer');
  return reply.lost ? undefined : reply.key;
}

test('one process answers all questions, each with its own answer', async () => {
  const replies = await Promise.all([ask('50 answer'), ask('stray answer'), ask('answer')]);
  expect(replies.map((reply) => reply.lost)).toEqual([undefined, undefined, undefined]);
  expect(new Set(replies.map((reply) => !reply.lost && reply.key)).size).toBe(1);
  expect(replies[0]).toMatchObject({ output: 'said' });
});

test.each<readonly [string, Parameters<typeof ask>, string | undefined]>([
  ['a look-up that is not answered', ['9000', { op: 'lookup', answer: SHORT }], 'silent'],
  ['a restore that is not answered', ['9000', { answer: SHORT }], 'silent'],
  ['a restore whose bytes do not come', ['moving 9000', { total: 300 }], 'slow'],
  [
    'a restore that was answered may take longer than the answer',
    [`moving ${SHORT + 500} answer`, { answer: SHORT }],
    undefined,
  ],
  ['a save that takes too long', ['9000', { op: 'save', total: SHORT }], 'slow'],
  ['a save may take longer than an answer', ['900 answer', { op: 'save', answer: 100 }], undefined],
  ['a save whose service fails again and again', ['retrying 200 retrying 9000', { op: 'save', answer: 500 }], 'silent'],
  ['a save whose service recovers', ['retrying moving 900 answer', { op: 'save', answer: 500 }], undefined],
  ['a second try does not prolong a look-up', ['retrying 9000', { op: 'lookup', answer: SHORT }], 'silent'],
])('%s', async (_, question, lost) => {
  // A start of Node takes its time too.
  await ask('answer');
  expect((await ask(...question)).lost).toBe(lost);
});

test('when the time of one is up all others are answered, the process is gone, and the next question starts another', async () => {
  const pid = await pidOf();
  const other = ask('9000');
  expect((await ask('9000', { answer: 100 })).lost).toBe('silent');
  expect((await other).lost).toBe('killed');
  const next = await pidOf();
  expect(next).not.toBe(pid);
  expect([isAlive(pid), isAlive(next)]).toEqual([false, true]);
});

test('a crash answers all questions', async () => {
  const replies = await Promise.all([ask('9000'), ask('100 crash')]);
  expect(replies).toEqual([{ lost: 'crashed' }, { lost: 'crashed' }]);
});

test('a process that cannot be started is one that crashed', async () => {
  child = cacheProcess({ childPath: '/nowhere.js', root: path.join(folder.path, 'nowhere'), environment: {} });
  expect(await ask('answer')).toEqual({ lost: 'crashed' });
});

test('killed: the answer is there, the process is not', async () => {
  const pid = await pidOf();
  const asked = ask('9000');
  await child.kill();
  expect(await asked).toEqual({ lost: 'killed' });
  expect(isAlive(pid)).toBe(false);
});
