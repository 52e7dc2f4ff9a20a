import { expect, test } from '@jest/globals';
import { parseHead } from '../../../src/registry/transport/range-head.ts';
import { wordsOf } from '../../../src/registry/transport/range-refusal.ts';

/** What is read of an answer with this head, when so much of its body has come. */
function read(head: string, body: string) {
  const found = parseHead(Buffer.from(`HTTP/1.1 ${head}\r\n\r\n`));
  if (!found || found === 'more') throw new Error('no head');
  const { bytes, whole, ended } = wordsOf(found, Buffer.from(body));
  return [bytes.toString(), whole, ended];
}

const CHUNKED = '503 No\r\nTransfer-Encoding: chunked';

test.each([
  ['all of a length', '429 No\r\nContent-Length: 3', 'abc', ['abc', true, true]],
  ['less than a length', '429 No\r\nContent-Length: 3', 'ab', ['ab', false, false]],
  ['more than a length', '429 No\r\nContent-Length: 3', 'abcd', ['abc', true, false]],
  ['a length of what is packed', '429 No\r\nContent-Length: 2\r\nContent-Encoding: gzip', 'ab', ['ab', true, true]],
  ['no length', '429 No', 'ab', ['ab', false, false]],
  ['all chunks', CHUNKED, '2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n', ['abc', true, true]],
  ['all chunks, and trailers', CHUNKED, '2\r\nab\r\n0\r\nA: b\r\n\r\n', ['ab', true, true]],
  ['more than all chunks', CHUNKED, '2\r\nab\r\n0\r\n\r\nHTTP', ['ab', true, false]],
  ['half a chunk', CHUNKED, '2\r\na', ['a', false, false]],
  ['chunks without their end', CHUNKED, '2\r\nab\r\n0\r\n', ['ab', false, false]],
  ['half the line of a chunk', CHUNKED, '2\r\nab\r\n1', ['ab', false, false]],
  ['what are no chunks', CHUNKED, '2\r\nab\r\nwords\r\n', ['ab', true, false]],
  ['a blob that nobody asked for', '200 OK\r\nContent-Length: 3', 'abc', ['', true, false]],
])('%s', (_, head, body, expected) => {
  expect(read(head, body)).toEqual(expected);
});

test('no more than 64 KiB', () => {
  const [words, whole] = read('429 No', 'x'.repeat(70_000));
  expect([String(words).length, whole]).toEqual([65_536, true]);
  const [chunks, ended] = read(CHUNKED, `11170\r\n${'x'.repeat(70_000)}`);
  expect([String(chunks).length, ended]).toEqual([65_536 - 7, true]);
});
