import { expect, test } from '@jest/globals';
import { oneChunk } from '../../src/lib/one-chunk.ts';
import { readTar } from '../../src/tar/read-tar.ts';
import { file, flatImage, folder, link, symlink } from '../support/flat-image.ts';
import { type Member, pax } from '../support/tar-archive.ts';

const NOTE = 'x'.repeat(60_000);
const noted = (...members: readonly Member[]) =>
  members.flatMap((member) => [pax({ 'SCHILY.xattr.user.note': NOTE }), member]);
const few = { entries: 10, bytes: 1000 };

test('extended attributes of files are handed on and not kept', async () => {
  const layers = [noted(file('a', '1'), file('b', '2')), noted(file('b', '3'), link('c', 'b'))];
  const tar = await flatImage(layers, few);
  const found: unknown[] = [];
  for await (const { name, type, xattrs } of readTar(oneChunk(tar), 'x'))
    found.push([name, type, xattrs.get('user.note')?.toString() === NOTE]);
  expect(found).toEqual([
    ['a', 'file', true],
    ['b', 'file', true],
    // It has those of its file.
    ['c', 'link', false],
  ]);
});

test.each([
  ['attributes of folders', noted(folder('d'))],
  [
    'names',
    [file('a'.repeat(99)), file('b'.repeat(99))].flatMap((one) => [pax({ path: `${one.name}`.repeat(6) }), one]),
  ],
  ['targets of links', [pax({ linkpath: 'l'.repeat(1001) }), symlink('l', 'l')]],
  ['many names', Array.from({ length: 11 }, (_, at) => file(`${at}`))],
  ['folders that names make', [file('a/b/c/d/e/f/g/h/i/j/k')]],
])('an image whose %s would fill the memory is refused', async (_, layer) => {
  await expect(flatImage([layer], few)).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    message: expect.stringMatching(
      /^layer \w+: .+ is one too many: the image has more names, or more in them, than fit/,
    ),
  });
});

test('all layers count together', async () => {
  const layers = Array.from({ length: 11 }, (_, at) => [file(`${at}`)]);
  await expect(flatImage(layers, few)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  expect(await flatImage(layers.slice(1), few)).toBeDefined();
});
