import { isUtf8 } from 'node:buffer';

/** Where bytes that are no UTF-8 lie in a text: 0x80 to 0xff as the lone surrogates U+DC80 to U+DCFF, which no UTF-8 makes. */
const ESCAPES = 0xdc00;
const LONGEST = 4;

/** The bytes of a name as a text that loses none of them: names of files are bytes, and two that differ in one that is no UTF-8 are two. */
export function nameOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString();
  let name = '';
  for (let at = 0; at < buffer.byteLength; ) {
    const length = letterAt(buffer, at);
    name += length > 0 ? buffer.toString('utf8', at, at + length) : String.fromCharCode(ESCAPES + (buffer[at] ?? 0));
    at += Math.max(1, length);
  }
  return name;
}

/** The bytes that `nameOf` made the text of. */
export function bytesOf(name: string): Buffer {
  if (!/[\udc80-\udcff]/.test(name)) return Buffer.from(name);
  const parts = Array.from(name, (letter) => {
    const byte = letter.charCodeAt(0) - ESCAPES;
    return letter.length === 1 && byte >= 0x80 && byte <= 0xff ? Buffer.of(byte) : Buffer.from(letter);
  });
  return Buffer.concat(parts);
}

/** Bytes of the UTF-8 letter that begins there; 0 if none does. */
function letterAt(buffer: Buffer, at: number): number {
  for (let length = 1; length <= LONGEST && at + length <= buffer.byteLength; length += 1)
    if (isUtf8(buffer.subarray(at, at + length))) return length;
  return 0;
}
