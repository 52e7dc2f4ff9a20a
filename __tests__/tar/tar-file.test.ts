import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Header } from 'tar/header';
import { Pax } from 'tar/pax';
import { tarEnd, tarFile } from '../../src/tar/tar-file.ts';
import { collect } from '../support/store-blobs.ts';
import { tarEntries } from '../support/tar-entries.ts';

const LONG = `blobs/sha512/${'0123456789abcdef'.repeat(8)}`;

async function tarOf(files: readonly (readonly [string, Buffer])[]): Promise<Buffer> {
  const parts = await Promise.all(files.map(([name, bytes]) => collect(tarFile(name, bytes.byteLength, [bytes]))));
  return Buffer.concat([...parts, tarEnd()]);
}

describe('a tar', () => {
  test.each([0, 1, 511, 512, 513, 100_000])('holds a file of %i bytes', async (size) => {
    const bytes = Buffer.alloc(size, 'x');
    const tar = await tarOf([
      ['one', bytes],
      [LONG, bytes],
    ]);
    expect(tar.byteLength % 512).toBe(0);
    expect(await tarEntries(tar)).toEqual([
      { path: 'one', size, mode: 0o644, bytes },
      { path: LONG, size, mode: 0o644, bytes },
    ]);
  });

  test('is read by the tar command, with owner root and the year 1970', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'tar-'));
    try {
      const file = path.join(folder, 'made.tar');
      await writeFile(
        file,
        await tarOf([
          ['a', Buffer.from('1')],
          [LONG, Buffer.from('22')],
        ]),
      );
      const listed = execFileSync('tar', ['--utc', '--numeric-owner', '-tvf', file], { encoding: 'utf8' });
      expect(
        listed
          .trim()
          .split('\n')
          .map((line) => line.replace(/\s+/g, ' ')),
      ).toEqual(['-rw-r--r-- 0/0 1 1970-01-01 00:00 a', `-rw-r--r-- 0/0 2 1970-01-01 00:00 ${LONG}`]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('is the same bytes each time', async () => {
    const files = [[LONG, Buffer.from('content')]] as const;
    expect(Buffer.compare(await tarOf(files), await tarOf(files))).toBe(0);
  });

  test.each([8 * 2 ** 30, 20e12])('states a size of %i bytes, which no plain header can hold', async (size) => {
    const head: Uint8Array[] = [];
    for await (const block of tarFile('big', size, [])) {
      head.push(block);
      if (head.length === 2) break;
    }
    const [pax = Buffer.alloc(0), header = Buffer.alloc(0)] = head;
    const extended = new Header(Buffer.from(pax.subarray(0, 512)));
    expect(extended.type).toBe('ExtendedHeader');
    const records = pax.subarray(512, 512 + (extended.size ?? 0));
    expect(Pax.parse(Buffer.from(records).toString('utf8'), {}).size).toBe(size);
    expect(new Header(Buffer.from(header)).path).toBe('big');
  });
});
