import type { Headers } from './transport.ts';

/** The head of an answer in HTTP/1.1. */
export interface Head {
  readonly status: number;
  readonly headers: Headers;
  /** Bytes of the head itself. */
  readonly length: number;
}

const LINE = /^HTTP\/1\.1 (\d{3})(?: .*)?$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/;
/** A longer head is left to the library. */
const MOST = 16 * 1024;

/**
 * The head at the start of the bytes, `more` if it is not complete, or undefined if it is anything but what every server sends: then the library is to have a
 * look at it (RFC 9112; folded lines, bare line feeds and other versions are not read here).
 */
export function parseHead(bytes: Buffer): Head | 'more' | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return bytes.byteLength > MOST ? undefined : 'more';
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = LINE.exec(first)?.[1];
  if (status === undefined) return undefined;
  // A header may be called `constructor`.
  const headers: Record<string, string | string[]> = Object.create(null);
  for (const line of lines) {
    const [, name, value = ''] = FIELD.exec(line) ?? [];
    if (name === undefined) return undefined;
    const key = name.toLowerCase();
    const known = headers[key];
    headers[key] = known === undefined ? value.trim() : [known, value.trim()].flat();
  }
  return { status: Number(status), headers, length: end + 4 };
}

/** The length of the body if the head says it plainly; undefined is for the library to understand. */
export function plainLength({ status, headers }: Head): number | undefined {
  const length = headers['content-length'];
  if (status < 200 || status === 204 || status === 304) return undefined;
  if (headers['transfer-encoding'] !== undefined || headers['content-encoding'] !== undefined) return undefined;
  return typeof length === 'string' && /^\d{1,12}$/.test(length) ? Number(length) : undefined;
}
