import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { decompressed } from '../../src/tar/compression.ts';
import { readTar } from '../../src/tar/read-tar.ts';
import { writeMember } from '../../src/tar/write-member.ts';
import { collect, flipped, inChunks } from '../support/store-blobs.ts';
import { pax, tarArchive } from '../support/tar-archive.ts';

async function listed(tar: Uint8Array, chunk = 700) {
  const found = [];
  for await (const { content, ...member } of readTar(decompressed(inChunks(tar, chunk), 'x'), 'x'))
    found.push({ ...member, text: (await collect(content)).toString() });
  return found;
}

test.each([['gnu'], ['posix']])(
  'what GNU tar writes as %s is read, long names too, and written again',
  async (format) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'read-tar-'));
    try {
      const long = `${'a'.repeat(120)}/${'b'.repeat(130)}`;
      mkdirSync(path.join(folder, 'd', path.dirname(long)), { recursive: true });
      writeFileSync(path.join(folder, 'd', long), 'hello');
      symlinkSync(long, path.join(folder, 'd/link'));
      execFileSync('tar', [`--format=${format}`, '-C', path.join(folder, 'd'), '-cf', path.join(folder, 'x.tar'), '.']);
      const tar = readFileSync(path.join(folder, 'x.tar'));
      const members = await listed(tar);
      expect(members.find(({ type }) => type === 'file')).toMatchObject({ name: `./${long}`, text: 'hello', size: 5 });
      expect(members.find(({ type }) => type === 'symlink')).toMatchObject({ name: './link', linkName: long });
      for (const packed of [gzipSync(tar), zstdCompressSync(tar)]) expect(await listed(packed)).toEqual(members);
      const again: Uint8Array[] = [];
      for await (const member of readTar(inChunks(tar), 'x'))
        for await (const part of writeMember(member)) again.push(Buffer.from(part));
      expect(await listed(Buffer.concat(again))).toEqual(members);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test.each([
  {
    what: 'a wrong header',
    tar: () => flipped(tarArchive([{ name: 'a', content: 'x' }]), 10),
    says: 'is no tar, or damaged: the checksum of a header is wrong',
  },
  {
    what: 'one that ends in a file',
    tar: () => tarArchive([{ name: 'a', content: 'x'.repeat(600) }]).subarray(0, 700),
    says: 'ends within a',
  },
  {
    what: 'one that ends in a header',
    tar: () => tarArchive([{ name: 'a' }]).subarray(0, 100),
    says: 'ends within a header',
  },
  {
    what: 'pax that is none',
    tar: () => tarArchive([{ name: 'p', type: 'x', content: '99 a=b\n' }, { name: 'a' }]),
    says: 'has a malformed pax header',
  },
  {
    what: 'a size that is none',
    tar: () => tarArchive([pax({ size: '-1' }), { name: 'a' }]),
    says: 'has a member whose size is no number',
  },
  {
    what: 'an extended attribute of more than 64 KiB',
    tar: () => tarArchive([pax({ 'SCHILY.xattr.user.a': 'x'.repeat(65_537) }), { name: 'f' }]),
    says: 'f has an extended attribute with a value of 65537 bytes, expected at most 65536',
  },
  {
    what: 'one with a name that no Linux takes',
    tar: () => tarArchive([pax({ [`SCHILY.xattr.user.${'a'.repeat(251)}`]: 'x' }), { name: 'f' }]),
    says: 'f has an extended attribute with a name of 256 bytes, expected at most 255',
  },
  {
    what: 'one header after another',
    tar: () => tarArchive(Array.from({ length: 3 }, (_, at) => pax({ [`a${at}`]: 'x'.repeat(400_000) }))),
    says: 'has a header of 1200033 bytes, expected at most 1048576',
  },
  {
    what: 'headers for all members, one after another',
    tar: () =>
      tarArchive(
        [0, 1, 2].flatMap((at) => [{ ...pax({ [`a${at}`]: 'x'.repeat(400_000) }), type: 'g' as const }, { name: 'f' }]),
      ),
    says: 'has a header of 1200033 bytes, expected at most 1048576',
  },
  {
    what: 'gzip that is damaged',
    tar: () => gzipSync(tarArchive([{ name: 'a' }])).subarray(0, 40),
    says: 'begins as gzip, but cannot be unpacked',
  },
])('$what is refused', async ({ tar, says }) => {
  await expect(listed(tar())).rejects.toMatchObject({ code: 'INPUT_INVALID', reason: expect.stringContaining(says) });
});

test('extended attributes as large as Linux takes them are read, and those of members before are not theirs', async () => {
  const [name, value] = [`user.${'a'.repeat(250)}`, 'x'.repeat(65_536)];
  const members = await listed(tarArchive([pax({ [`SCHILY.xattr.${name}`]: value }), { name: 'f' }, { name: 'g' }]));
  expect(members.map(({ xattrs }) => [...xattrs].map(([key, bytes]) => [key, `${bytes}`]))).toEqual([
    [[name, value]],
    [],
  ]);
});

test('a tar without an end is one, unless the end is asked for', async () => {
  const whole = tarArchive([{ name: 'a', content: 'x' }]);
  const read = async (tar: Uint8Array, ended: boolean) => {
    let members = 0;
    for await (const _ of readTar(inChunks(tar), 'x', { ended })) members += 1;
    return members;
  };
  for (const cut of [0, 512, 1024]) {
    const tar = whole.subarray(0, whole.length - cut);
    expect(await read(tar, false)).toBe(1);
    if (cut < 1024) expect(await read(tar, true)).toBe(1);
    else
      await expect(read(tar, true)).rejects.toMatchObject({
        code: 'INPUT_INVALID',
        message: 'x: ends without the empty blocks that end a tar, so it may be cut short',
        hint: expect.stringContaining('it may have failed'),
      });
  }
});

test('a sparse file is refused', async () => {
  const sparse = tarArchive([pax({ 'GNU.sparse.major': '1' }), { name: 'a' }]);
  await expect(listed(sparse)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});

test('what nobody reads of a file is passed over', async () => {
  const names: string[] = [];
  for await (const { name } of readTar(
    inChunks(tarArchive([{ name: 'a', content: 'x'.repeat(5000) }, { name: 'b' }]), 300),
    'x',
  ))
    names.push(name);
  expect(names).toEqual(['a', 'b']);
});
