import { gzipSync, zstdCompressSync } from 'node:zlib';
import { hasPart } from './real-parts.ts';

/** One member as it is to stand in the archive, however wrong. Names of more than 100 bytes go into a pax header before it. */
export interface Member {
  readonly name: string | Buffer;
  /** `x` is a pax header: its content applies to the next member; that of `g` to all that follow. */
  readonly type?: 'file' | 'folder' | 'symlink' | 'link' | 'fifo' | 'device' | 'x' | 'g' | undefined;
  readonly content?: string | Uint8Array | undefined;
  /** Of links. */
  readonly target?: string | Buffer | undefined;
  readonly mode?: number | undefined;
}

const TYPES = { file: '0', link: '1', symlink: '2', device: '3', folder: '5', fifo: '6', x: 'x', g: 'g' };
const BLOCK = 512;

/** A tar (POSIX.1-1988 ustar) of the members, byte by byte. */
export function tarArchive(members: readonly Member[]): Buffer {
  const blocks = members.flatMap((member) => {
    const content = Buffer.from(member.content ?? '');
    return [header(member, content.byteLength), content, Buffer.alloc(-content.byteLength & (BLOCK - 1))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** Pax records (POSIX.1-2001) for the member after it. */
export function pax(records: Readonly<Record<string, string>>): Member {
  const content = Object.entries(records).map(([name, value]) => {
    const rest = ` ${name}=${value}\n`;
    const bare = Buffer.byteLength(rest);
    const digits = String(bare + String(bare).length).length;
    return `${bare + digits}${rest}`;
  });
  return { name: 'pax', type: 'x', content: content.join('') };
}

function header({ name, type = 'file', target = '', mode = 0o644 }: Member, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at);
  Buffer.from(name).copy(block, 0, 0, 100);
  octal(mode, 100, 8);
  octal(1234, 108, 8);
  octal(1234, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.fill(' ', 148, 156);
  block.write(TYPES[type], 156);
  Buffer.from(target).copy(block, 157, 0, 100);
  block.write('ustar\u000000', 257);
  octal(1, 329, 8);
  octal(3, 337, 8);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}

/** What @actions/cache compresses with on this machine, as it stands in the version of an entry. */
export const COMPRESSION = hasPart('zstd') ? 'zstd-without-long' : 'gzip';

export function compressed(archive: Uint8Array): Buffer {
  return COMPRESSION === 'gzip' ? gzipSync(archive) : zstdCompressSync(archive);
}
