import type { Head } from './range-head.ts';
import type { Headers } from './transport.ts';

/** What a thread was answered instead of a range: plain data. */
export interface RangeRefusal {
  readonly status: number;
  readonly headers: Headers;
  /** Its words, 64 KiB of them at most. */
  readonly body: Uint8Array;
}

/** The words of an answer, as far as they have come. */
export interface Words {
  readonly bytes: Buffer;
  /** True if no more of them are worth waiting for. */
  readonly whole: boolean;
  /** True if nothing came behind them, nor will before the next answer. */
  readonly ended: boolean;
}

const MOST = 64 * 1024;
const CHUNK_LINE = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i;

/** True for an answer that brings nothing of what was asked for, but says why, or where it is. A 206 that is not as expected is left to the library. */
export const isRefusal = ({ status }: Head): boolean => status >= 200 && status !== 206;

/**
 * The body of a refusal in the bytes after its head, by its length or in chunks (RFC 9112, 6.3 and 7.1), else as long as the connection lasts. Where it is cut,
 * or its chunks are none, it is what can be read; of a success that nobody asked for, nothing.
 */
export function wordsOf({ status, headers }: Head, bytes: Buffer): Words {
  if (status < 300 || status === 304) return { bytes: bytes.subarray(0, 0), whole: true, ended: false };
  const enough = bytes.byteLength >= MOST;
  if (/(?:^|,)\s*chunked\s*$/i.test(String(headers['transfer-encoding'] ?? ''))) {
    const words = inChunks(bytes.subarray(0, MOST));
    return { ...words, whole: words.whole || enough };
  }
  const said = headers['content-length'];
  const length = typeof said === 'string' && /^\d{1,12}$/.test(said) ? Number(said) : MOST;
  const whole = enough || bytes.byteLength >= length;
  return { bytes: bytes.subarray(0, Math.min(length, MOST)), whole, ended: bytes.byteLength === length };
}

function inChunks(bytes: Buffer): Words {
  const parts: Buffer[] = [];
  const words = (whole: boolean, ended = false) => ({ bytes: Buffer.concat(parts), whole, ended });
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at);
    if (end === -1) return words(false);
    const size = CHUNK_LINE.exec(bytes.toString('latin1', at, end))?.[1];
    if (size === undefined) return words(true);
    const start = end + 2;
    const next = start + Number.parseInt(size, 16);
    if (next === start) {
      const last = bytes.indexOf('\r\n\r\n', end);
      return words(last !== -1, last + 4 === bytes.byteLength);
    }
    parts.push(bytes.subarray(start, next));
    if (next + 2 > bytes.byteLength) return words(false);
    at = next + 2;
  }
}
