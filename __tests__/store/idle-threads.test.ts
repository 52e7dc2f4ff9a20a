import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runChild } from '../support/child.ts';

test('threads that fill nothing keep no process alive', async () => {
  const child = runChild('idle-threads-child.ts', [join(import.meta.dirname, '../../src/fill-worker.ts')]);
  const timer = setTimeout(() => child.process.kill(), 10_000);
  expect(await child.ended).toBe(0);
  clearTimeout(timer);
});
