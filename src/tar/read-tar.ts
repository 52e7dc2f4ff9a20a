import { Header } from 'tar/header';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { type ByteReader, byteReader } from './byte-reader.ts';
import type { TarMember, TarType } from './member.ts';
import { bytesOf, nameOf } from './names.ts';
import { readPax } from './pax-records.ts';

const BLOCK = 512;
const MAX_HEADER = 1024 * 1024;
/** Four times what Linux takes for a path, and several times what the largest images have of files: more would be a way to fill the memory. */
const MAX_NAME = 16 * 1024;
const MAX_MEMBERS = 4_000_000;
const TYPES: Readonly<Partial<Record<string, TarType>>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Link: 'link',
  SymbolicLink: 'symlink',
  CharacterDevice: 'character-device',
  BlockDevice: 'block-device',
  Directory: 'folder',
  FIFO: 'fifo',
};
const XATTR = 'SCHILY.xattr.';
/** Bytes, as Linux has it (limits.h: XATTR_NAME_MAX, XATTR_SIZE_MAX). */
const MAX_XATTR_NAME = 255;
const MAX_XATTR = 64 * 1024;

/** What headers say of the member after them, or of all of them. */
interface Extension {
  readonly pax: Map<string, Buffer>;
  /** Of all those headers. */
  bytes: number;
}

/** What is expected of a tar besides being one. */
export interface TarLimits {
  /** The most members. */
  readonly most?: number | undefined;
  /** True if the end must be there that POSIX wants (pax, "ustar Interchange Format"): without it a tar may have been cut short between two members. */
  readonly ended?: boolean | undefined;
}

/**
 * The members of a tar (POSIX ustar and pax, GNU long names), in order; whoever takes the next one gives up what is left of the last. Throws INPUT_INVALID where the
 * tar is cut short, damaged or no tar, or has a name or an extended attribute that no Linux takes; UNSUPPORTED for sparse files, and what the chunks throw.
 */
export async function* readTar(
  chunks: AsyncIterable<Uint8Array>,
  subject: string,
  { most = MAX_MEMBERS, ended = false }: TarLimits = {},
): AsyncGenerator<TarMember> {
  const reader = byteReader(chunks);
  const global: Extension = { pax: new Map(), bytes: 0 };
  let next: Extension = { pax: new Map(), bytes: 0 };
  let members = 0;
  try {
    for (;;) {
      const block = await reader.take(BLOCK);
      if (block.byteLength === 0) {
        if (ended) throw cutShort(subject);
        return;
      }
      if (block.byteLength < BLOCK) throw damaged(subject, 'is no tar, or ends within a header');
      if (block.every((byte) => byte === 0)) {
        // To its very end: whoever writes into a pipe must not find it closed.
        for await (const _ of reader.stream(Number.POSITIVE_INFINITY));
        return;
      }
      const header = new Header(block, 0);
      if (!header.cksumValid) throw damaged(subject, 'is no tar, or damaged: the checksum of a header is wrong');
      const extension = await extensionOf(header, reader, subject);
      if (extension) {
        const of = extension.global ? global : next;
        of.bytes += header.size ?? 0;
        if (of.bytes > MAX_HEADER) throw tooLong(subject, of.bytes);
        for (const [key, value] of extension.records) of.pax.set(key, value);
        continue;
      }
      const pax = new Map([...global.pax, ...next.pax]);
      next = { pax: new Map(), bytes: 0 };
      const member = memberOf(header, block, pax, subject);
      if (!member) {
        await skip(reader, padded(header.size ?? 0), subject);
        continue;
      }
      members += 1;
      if (members > most) throw damaged(subject, `has more than ${most} members`);
      let left = member.size;
      async function* content(): AsyncGenerator<Uint8Array> {
        for await (const part of reader.stream(left)) {
          left -= part.byteLength;
          yield part;
        }
        if (left > 0) throw damaged(subject, `ends within ${clean(member?.name ?? '', 200)}`);
      }
      yield { ...member, content: content() };
      await skip(reader, left + padded(member.size) - member.size, subject);
    }
  } finally {
    await reader.close();
  }
}

const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

async function skip(reader: ByteReader, count: number, subject: string): Promise<void> {
  let left = count;
  for await (const part of reader.stream(count)) left -= part.byteLength;
  if (left > 0) throw damaged(subject, 'is cut short');
}

/** What a header that is no member of its own says of others; undefined for a member. */
async function extensionOf(header: Header, reader: ByteReader, subject: string) {
  const keys: Readonly<Partial<Record<string, string>>> = {
    NextFileHasLongPath: 'path',
    OldGnuLongPath: 'path',
    NextFileHasLongLinkpath: 'linkpath',
  };
  const key = keys[header.type];
  const isPax = ['ExtendedHeader', 'OldExtendedHeader', 'GlobalExtendedHeader'].includes(header.type);
  if (key === undefined && !isPax) return undefined;
  const size = header.size ?? 0;
  if (size > MAX_HEADER) throw tooLong(subject, size);
  const body = (await reader.take(padded(size))).subarray(0, size);
  if (body.byteLength < size) throw damaged(subject, 'ends within a header');
  if (key !== undefined) {
    const end = body.indexOf(0);
    return { global: false, records: new Map([[key, end < 0 ? body : body.subarray(0, end)]]) };
  }
  const records = readPax(body);
  if (!records) throw damaged(subject, 'has a malformed pax header');
  if ([...records.keys()].some((name) => name.startsWith('GNU.sparse.')))
    throw new PullError('UNSUPPORTED', subject, 'has a sparse file, which images do not');
  return { global: header.type === 'GlobalExtendedHeader', records };
}

/** A field of text in a header, up to its first zero byte. */
function field(block: Buffer, from: number, length: number): string {
  const bytes = block.subarray(from, from + length);
  const end = bytes.indexOf(0);
  return nameOf(end < 0 ? bytes : bytes.subarray(0, end));
}

/** The name a header has; the package that reads it knows UTF-8 alone. */
function pathOf(header: Header, block: Buffer): string {
  if (!header.path?.includes('\ufffd')) return header.path ?? '';
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? field(block, 345, 155) : '';
  return `${prefix}${prefix === '' ? '' : '/'}${field(block, 0, 100)}`;
}

function linkOf(header: Header, block: Buffer): string {
  return header.linkpath?.includes('\ufffd') ? field(block, 157, 100) : (header.linkpath ?? '');
}

function memberOf(
  header: Header,
  block: Buffer,
  pax: ReadonlyMap<string, Buffer>,
  subject: string,
): Omit<TarMember, 'content'> | undefined {
  const text = (key: string) => pax.get(key)?.toString();
  const number = (key: string, fallback: number | undefined) => {
    const value = Number(text(key) ?? fallback ?? 0);
    if (!Number.isFinite(value) || value < 0) throw damaged(subject, `has a member whose ${key} is no number`);
    return value;
  };
  if (header.type === 'SparseFile')
    throw new PullError('UNSUPPORTED', subject, 'has a sparse file, which images do not');
  const named = (key: string) => {
    const bytes = pax.get(key);
    return bytes && nameOf(bytes);
  };
  const name = named('path') ?? pathOf(header, block);
  const linkName = named('linkpath') ?? linkOf(header, block);
  const longest = Math.max(bytesOf(name).byteLength, bytesOf(linkName).byteLength);
  if (longest > MAX_NAME) throw damaged(subject, `has a name of ${longest} bytes, expected at most ${MAX_NAME}`);
  const type = TYPES[header.type] === 'file' && name.endsWith('/') ? 'folder' : TYPES[header.type];
  if (type === undefined) return undefined;
  const time = Number(text('mtime') ?? (header.mtime?.getTime() ?? 0) / 1000);
  return {
    name,
    type,
    mode: (header.mode ?? 0) & 0o7777,
    uid: number('uid', header.uid),
    gid: number('gid', header.gid),
    userName: text('uname') ?? header.uname ?? '',
    groupName: text('gname') ?? header.gname ?? '',
    size: type === 'file' ? number('size', header.size) : 0,
    mtime: Number.isFinite(time) ? time : 0,
    linkName,
    device: [header.devmaj ?? 0, header.devmin ?? 0],
    xattrs: xattrsOf(pax, name, subject),
  };
}

function xattrsOf(pax: ReadonlyMap<string, Buffer>, name: string, subject: string): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  const refuse = (what: string, bytes: number, most: number) => {
    if (bytes <= most) return;
    const reason = `${clean(name, 200)} has an extended attribute with a ${what} of ${bytes} bytes, expected at most ${most}`;
    throw damaged(subject, reason);
  };
  for (const [key, value] of pax) {
    if (!key.startsWith(XATTR)) continue;
    const own = key.slice(XATTR.length);
    refuse('name', Buffer.byteLength(own), MAX_XATTR_NAME);
    refuse('value', value.byteLength, MAX_XATTR);
    // A view of it would keep the whole header in memory.
    found.set(own, Buffer.from(value));
  }
  return found;
}

const tooLong = (subject: string, bytes: number): PullError =>
  damaged(subject, `has a header of ${bytes} bytes, expected at most ${MAX_HEADER}`);

const cutShort = (subject: string): PullError =>
  new PullError('INPUT_INVALID', subject, 'ends without the empty blocks that end a tar, so it may be cut short', {
    hint: 'Look at what was to write it: it may have failed. One that is whole gets its end by head -c 1024 /dev/zero >> FILE.',
  });

function damaged(subject: string, reason: string): PullError {
  return new PullError('INPUT_INVALID', subject, reason);
}
