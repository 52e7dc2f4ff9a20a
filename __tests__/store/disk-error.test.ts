import { writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { PullError } from '../../src/errors.ts';
import { onDisk, systemCode, unlessAbsent } from '../../src/store/disk-error.ts';

const system = (code: string) => Object.assign(new Error(`${code}: it failed, open 'x'`), { code, syscall: 'open' });

test.each([
  ['ENOSPC', 'DISK_FULL', 'no space left'],
  ['EDQUOT', 'DISK_FULL', 'quota'],
  ['EROFS', 'STORE_UNUSABLE', 'EROFS: it failed'],
  ['EACCES', 'STORE_UNUSABLE', 'EACCES: it failed'],
  ['EIO', 'STORE_UNUSABLE', 'EIO: it failed'],
])('%s becomes %s and names the path', async (code, expected, words) => {
  const cause = system(code);
  await expect(onDisk('/the/path', Promise.reject(cause))).rejects.toMatchObject({
    code: expected,
    subject: '/the/path',
    reason: expect.stringContaining(words),
    hint: expect.stringContaining('`store`'),
    cause,
  });
});

test('a full device is DISK_FULL', async () => {
  const work = writeFile('/dev/full', 'x');
  await expect(onDisk('/dev/full', work)).rejects.toMatchObject({ code: 'DISK_FULL', subject: '/dev/full' });
});

test('errors that are not the system’s stay as they are', async () => {
  for (const error of [new PullError('CANCELLED', 'a', 'b'), new TypeError('bug'), 'text']) {
    await expect(onDisk('/the/path', Promise.reject(error))).rejects.toBe(error);
    expect(systemCode(error)).toBeUndefined();
  }
});

test('absence is undefined, any other failure is not', async () => {
  expect(await unlessAbsent('/p', Promise.reject(system('ENOENT')))).toBeUndefined();
  expect(await unlessAbsent('/p', Promise.resolve(3))).toBe(3);
  await expect(unlessAbsent('/p', Promise.reject(system('EACCES')))).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
});
