import { expect, test } from '@jest/globals';
import { parseHead, plainLength } from '../../../src/registry/transport/range-head.ts';

const parse = (text: string) => parseHead(Buffer.from(text, 'latin1'));
const plain = (...lines: string[]) => {
  const head = parse(`${['HTTP/1.1 206 Partial Content', ...lines].join('\r\n')}\r\n\r\n`);
  return head && head !== 'more' ? plainLength(head) : undefined;
};

test('a head is read up to the empty line', () => {
  const text = 'HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nX-A:  b \r\nx-a: c\r\n\r\n';
  expect(parse(`${text}bytes`)).toEqual({
    status: 206,
    headers: { 'content-length': '5', 'x-a': ['b', 'c'] },
    length: text.length,
  });
  for (let end = 0; end < text.length; end += 1) expect(parse(text.slice(0, end))).toBe('more');
});

test.each([
  ['an older version', 'HTTP/1.0 206 OK\r\n\r\n'],
  ['a newer version', 'HTTP/2 206\r\n\r\n'],
  ['no status', 'HTTP/1.1 OK\r\n\r\n'],
  ['something else', 'SSH-2.0-OpenSSH\r\n\r\n'],
  ['a folded line', 'HTTP/1.1 206 OK\r\nA: b\r\n c\r\n\r\n'],
  ['a space before the colon', 'HTTP/1.1 206 OK\r\nContent-Length : 5\r\n\r\n'],
  ['a bare line feed', 'HTTP/1.1 206 OK\r\nA: b\nContent-Length: 5\r\n\r\n'],
  ['no end', `HTTP/1.1 206 OK\r\n${'A: b\r\n'.repeat(4000)}`],
])('a head with %s is left to the library', (_, text) => {
  expect(parse(text)).toBeUndefined();
});

test.each<[number | undefined, string[]]>([
  [5, ['Content-Length: 5']],
  [undefined, []],
  [undefined, ['Content-Length: 5', 'Content-Length: 5']],
  [undefined, ['Content-Length: 5, 5']],
  [undefined, ['Content-Length: +5']],
  [undefined, ['Content-Length: 0x5']],
  [undefined, ['Content-Length: 5', 'Transfer-Encoding: chunked']],
  [undefined, ['Content-Length: 5', 'Content-Encoding: gzip']],
])('a length of %p is what %j says', (length, lines) => {
  expect(plain(...lines)).toBe(length);
});

test('a head of nothing but spaces takes no time', () => {
  const head = `HTTP/1.1 206 OK\r\nA:${' '.repeat(2000)}\n\r\n\r\n`;
  const at = performance.now();
  expect(parse(head)).toBeUndefined();
  expect(performance.now() - at).toBeLessThan(500);
});

test('a header may have any name', () => {
  expect(parse('HTTP/1.1 503 No\r\nConstructor: a\r\n__proto__: b\r\n\r\n')).toMatchObject({
    headers: Object.fromEntries([
      ['constructor', 'a'],
      ['__proto__', 'b'],
    ]),
  });
});
