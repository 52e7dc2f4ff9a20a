import { Header } from 'tar/header';
import type { TarMember, TarType } from './member.ts';
import { bytesOf } from './names.ts';
import { writePax } from './pax-records.ts';

const BLOCK = 512;
/** Characters: what fits into a header of one part, and of two. */
const SHORT = 100;
const LONGEST = 255;
const TYPES = {
  file: 'File',
  folder: 'Directory',
  symlink: 'SymbolicLink',
  link: 'Link',
  'character-device': 'CharacterDevice',
  'block-device': 'BlockDevice',
  fifo: 'FIFO',
} as const satisfies Record<TarType, string>;

/** One member of a tar, whatever it is (POSIX ustar; pax where that cannot say it): equal members give equal bytes. */
export async function* writeMember(member: TarMember): AsyncGenerator<Uint8Array> {
  const { name, type, mode, uid, gid, userName, groupName, size, mtime, linkName, device, xattrs } = member;
  const seconds = Math.floor(mtime);
  const isLong = name.length > LONGEST;
  const header = new Header({
    // To find where to part a long name the package tries every slash of it, each time anew.
    path: isLong ? name.slice(0, SHORT) : name,
    type: TYPES[type],
    mode,
    uid,
    gid,
    uname: userName,
    gname: groupName,
    size,
    mtime: new Date(seconds * 1000),
    linkpath: linkName,
    devmaj: device[0],
    devmin: device[1],
  });
  header.encode();
  const records: [string, Buffer | string][] = [];
  if (isLong || header.needPax || !isAscii(name) || !isAscii(linkName)) {
    records.push(['path', bytesOf(name)], ['uid', String(uid)], ['gid', String(gid)], ['size', String(size)]);
    if (linkName !== '') records.push(['linkpath', bytesOf(linkName)]);
  }
  if (mtime !== seconds || seconds < 0) records.push(['mtime', String(mtime)]);
  for (const [key, value] of [...xattrs].sort(([a], [b]) => (a < b ? -1 : 1)))
    records.push([`SCHILY.xattr.${key}`, value]);
  if (records.length > 0) yield* paxHeader(writePax(records));
  if (header.block) yield header.block;
  if (type !== 'file') return;
  yield* member.content;
  if (size % BLOCK > 0) yield Buffer.alloc(BLOCK - (size % BLOCK));
}

function* paxHeader(body: Buffer): Generator<Uint8Array> {
  const header = new Header({
    path: 'PaxHeader',
    type: 'ExtendedHeader',
    size: body.byteLength,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: new Date(0),
  });
  header.encode();
  if (header.block) yield header.block;
  yield body;
  if (body.byteLength % BLOCK > 0) yield Buffer.alloc(BLOCK - (body.byteLength % BLOCK));
}

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);
