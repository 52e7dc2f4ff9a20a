import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { oneChunk } from '../../src/lib/one-chunk.ts';
import { readTar } from '../../src/tar/read-tar.ts';
import { file, flatImage, folder, link, symlink } from '../support/flat-image.ts';
import { collect } from '../support/store-blobs.ts';
import { type Member, pax } from '../support/tar-archive.ts';

const flat = (...layers: readonly (readonly Member[])[]) => flatImage(layers);

/** `name`, `name=content`, `name->target`, `name~target` for hard links, sorted. */
async function names(...layers: readonly (readonly Member[])[]): Promise<string[]> {
  const all: string[] = [];
  for await (const { name, type, linkName, content } of readTar(oneChunk(await flat(...layers)), 'x')) {
    if (type === 'file') all.push(`${name}=${await collect(content)}`);
    else all.push(name + (type === 'symlink' ? `->${linkName}` : type === 'link' ? `~${linkName}` : ''));
  }
  return all.sort();
}

test.each([
  { what: 'a later layer wins', layers: [[file('a', '1')], [file('a', '2')]], flat: ['a=2'] },
  {
    what: 'a whiteout hides what lower layers have',
    layers: [[file('d/a', '1'), file('d/b', '2')], [file('d/.wh.a')]],
    flat: ['d/', 'd/b=2'],
  },
  { what: 'and a whole folder', layers: [[file('d/a'), file('e', '1')], [file('.wh.d')]], flat: ['e=1'] },
  {
    what: 'but nothing of its own layer, whatever the order',
    layers: [[file('a', '1')], [file('a', '2'), file('.wh.a')]],
    flat: ['a=2'],
  },
  {
    what: 'a folder that comes back has nothing of what it was',
    layers: [[file('d/a')], [file('.wh.d'), folder('d'), file('d/b', '1')]],
    flat: ['d/', 'd/b=1'],
  },
  {
    what: 'and so whatever the order',
    layers: [[file('d/a')], [folder('d'), file('d/b', '1'), file('.wh.d')]],
    flat: ['d/', 'd/b=1'],
  },
  {
    what: 'an opaque folder hides lower layers alone',
    layers: [
      [file('d/a'), file('d/e/f')],
      [file('d/b', '1'), file('d/.wh..wh..opq'), file('d/c', '2')],
    ],
    flat: ['d/', 'd/b=1', 'd/c=2'],
  },
  {
    what: 'a folder over a folder keeps what is in it',
    layers: [[file('d/a', '1')], [folder('d')]],
    flat: ['d/', 'd/a=1'],
  },
  { what: 'a file over a folder takes all of it', layers: [[file('d/a')], [file('d', 'x')]], flat: ['d=x'] },
  { what: 'a folder over a link takes its place', layers: [[symlink('d', 'e')], [folder('d')]], flat: ['d/'] },
  {
    what: 'hard links stay links',
    layers: [[file('b', '1'), link('a', 'b'), link('c/d', '/b')]],
    flat: ['a=1', 'b~a', 'c/', 'c/d~a'],
  },
  {
    what: 'a hard link survives its first name',
    layers: [[file('a', '1'), link('b', 'a')], [file('.wh.a')]],
    flat: ['b=1'],
  },
  {
    what: 'a hard link may lead to a lower layer',
    layers: [[file('a', '1')], [link('b', './a')]],
    flat: ['a=1', 'b~a'],
  },
  {
    what: 'what AUFS keeps for itself is left out',
    layers: [[folder('.wh..wh.plnk'), file('.wh..wh.plnk/x'), file('a', '1')]],
    flat: ['a=1'],
  },
])('$what', async ({ layers, flat: expected }) => {
  expect(await names(...(layers as Member[][]))).toEqual(expected);
});

describe('a hostile layer never leads out of the tar:', () => {
  test.each([
    {
      what: 'names that climb',
      layer: [file('../../etc/a', '1'), file('x/../../../b', '2')],
      flat: ['b=2', 'etc/', 'etc/a=1'],
    },
    { what: 'absolute names', layer: [file('/etc/a', '1')], flat: ['etc/', 'etc/a=1'] },
    {
      what: 'a file through an absolute link',
      layer: [symlink('l', '/etc'), file('l/passwd', '1')],
      flat: ['etc/', 'etc/passwd=1', 'l->/etc'],
    },
    { what: 'whiteouts that climb', layer: [file('a', '1'), file('../.wh.a')], flat: ['a=1'] },
    { what: 'a whiteout of ..', layer: [file('d/a', '1'), file('d/.wh...')], flat: ['d/', 'd/a=1'] },
    {
      what: 'devices and pipes are entries, no more',
      layer: [
        { name: 'dev/sda', type: 'device' },
        { name: 'p', type: 'fifo' },
      ] as Member[],
      flat: ['dev/', 'dev/sda', 'p'],
    },
  ])('$what', async ({ layer, flat: expected }) => {
    expect(await names(layer)).toEqual(expected);
  });

  test.each([
    {
      what: 'a symbolic link that climbs',
      layer: [symlink('a/l', '../../etc')],
      says: 'a/l is a symbolic link to ../../etc, out of the image',
    },
    {
      what: 'also from a place that is higher than it looks',
      layer: [symlink('a/up', '/'), symlink('a/up/l', '../x')],
      says: 'a/up/l is a symbolic link to ../x, out of the image',
    },
    {
      what: 'a hard link to what is not there',
      layer: [link('a', '/etc/shadow')],
      says: 'a is a hard link to /etc/shadow, which is no file of the image',
    },
    { what: 'a hard link to a folder', layer: [folder('d'), link('a', 'd')], says: 'which is no file of the image' },
    {
      what: 'links in a circle',
      layer: [symlink('a', 'b'), symlink('b', 'a'), file('a/x')],
      says: 'a goes through links that lead in a circle',
    },
    {
      what: 'a name longer than any system takes',
      layer: [pax({ path: `${'d/'.repeat(2048)}x` }), file('x')],
      says: 'has a name of more than 4096 bytes',
    },
    {
      what: 'folders deeper than such a name, by way of links',
      layer: [
        ...[pax({ path: 'd/'.repeat(2000) }), folder('d'), pax({ linkpath: 'd/'.repeat(1900) }), symlink('s', 'd')],
        ...[pax({ path: `s${'/d'.repeat(1000)}/x` }), file('x')],
      ],
      says: 'lies below more than 2048 folders',
    },
    {
      what: 'a name that some read to its end and others to a zero byte',
      layer: [pax({ path: 'a\0b' }), file('x')],
      says: 'has a name with a zero byte in it',
    },
    {
      what: 'and a link to such a name',
      layer: [pax({ linkpath: '..\0/a' }), symlink('x', 'a')],
      says: 'x has a name with a zero byte in it',
    },
    {
      what: 'a folder with the name of a whiteout',
      layer: [file('d/.wh.a/x')],
      says: 'd/.wh.a lies in .wh.a, the name of a whiteout',
    },
  ])('$what is refused', async ({ layer, says }) => {
    await expect(flat(layer)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining(says),
      hint: 'Nothing was written outside: do not trust this image.',
    });
  });

  test('GNU tar unpacks it within its folder', async () => {
    const where = mkdtempSync(path.join(tmpdir(), 'flatten-'));
    try {
      const tar = await flat([symlink('l', '/tmp/pull-image-escape'), file('l/x', '1'), file('../../y', '2')]);
      writeFileSync(path.join(where, 'x.tar'), tar);
      const listed = execFileSync('tar', ['-tf', path.join(where, 'x.tar')], { encoding: 'utf8' })
        .trim()
        .split('\n');
      expect(listed.sort()).toEqual(['l', 'tmp/', 'tmp/pull-image-escape/', 'tmp/pull-image-escape/x', 'y']);
    } finally {
      rmSync(where, { recursive: true });
    }
  });
});

test('names that are no UTF-8 keep their bytes, also those of links and long ones', async () => {
  const latin = (text: string) => Buffer.from(text, 'latin1');
  const layer: Member[] = [
    { name: latin('caf\xe9/\xe9'), content: '1' },
    { name: latin('caf\xe9/\xe8'), content: '2' },
    { name: latin('l\xe9'), type: 'symlink', target: latin('caf\xe9/\xe8') },
    { name: latin('h\xe9'), type: 'link', target: latin('caf\xe9/\xe8') },
  ];
  expect(await names(layer)).toEqual(
    [
      'caf\udce9/',
      'caf\udce9/\udce8=2',
      'caf\udce9/\udce9=1',
      'h\udce9~caf\udce9/\udce8',
      'l\udce9->caf\udce9/\udce8',
    ].sort(),
  );
  const tar = await flat(layer);
  for (const name of ['caf\xe9/\xe9', 'caf\xe9/\xe8', 'l\xe9', 'h\xe9'])
    expect(tar.includes(latin(`path=${name}\n`))).toBe(true);
  const listed = execFileSync('tar', ['-tf', '-'], {
    input: tar,
    encoding: 'latin1',
    env: { LC_ALL: 'C', PATH: process.env.PATH },
  });
  expect(listed.trim().split('\n').sort()).toEqual([
    'caf\\351/',
    'caf\\351/\\350',
    'caf\\351/\\351',
    'h\\351',
    'l\\351',
  ]);
});

test('folders as deep as they may be are no work', async () => {
  const found = await names([pax({ path: 'd/'.repeat(2000) }), folder('d')]);
  expect(found).toHaveLength(2000);
}, 10_000);

test('owners, modes, times, long names and extended attributes are kept, and the bytes are the same each time', async () => {
  const long = `${'d'.repeat(90)}/${'é'.repeat(60)}`;
  const layer: Member[] = [
    pax({ path: long, mtime: '12.5', uid: '3000000', 'SCHILY.xattr.user.note': 'a\nb=c' }),
    { name: 'short', content: 'x', mode: 0o4755 },
  ];
  const tar = await flat(layer);
  const found = [];
  for await (const member of readTar(oneChunk(tar), 'x')) found.push(member);
  expect(found.at(-1)).toMatchObject({ name: long, mode: 0o4755, uid: 3_000_000, gid: 1234, mtime: 12.5, size: 1 });
  expect(found.at(-1)?.xattrs.get('user.note')?.toString()).toBe('a\nb=c');
  expect((await flat(layer)).equals(tar)).toBe(true);
});
