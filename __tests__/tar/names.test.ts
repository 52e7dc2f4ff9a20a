import { expect, test } from '@jest/globals';
import { bytesOf, nameOf } from '../../src/tar/names.ts';

test.each([
  ['plain', Buffer.from('usr/bin/perl'), 'usr/bin/perl'],
  ['UTF-8', Buffer.from('é/😀/\u2028'), 'é/😀/\u2028'],
  ['Latin-1', Buffer.from('caf\xe9/\xe8', 'latin1'), 'caf\udce9/\udce8'],
  ['both', Buffer.concat([Buffer.from('é😀'), Buffer.of(0xff, 0x41, 0xf0, 0x9f)]), 'é😀\udcffA\udcf0\udc9f'],
  ['surrogates as some encode them', Buffer.of(0xed, 0xb3, 0xa9), '\udced\udcb3\udca9'],
  ['none', Buffer.alloc(0), ''],
])('%s: no byte is lost', (_, bytes, name) => {
  expect(nameOf(bytes)).toBe(name);
  expect(bytesOf(name).equals(bytes)).toBe(true);
});
