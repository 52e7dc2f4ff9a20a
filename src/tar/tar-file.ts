import { Header } from 'tar/header';
import { Pax } from 'tar/pax';

const BLOCK = 512;

/** One regular file of a tar (POSIX pax where a plain header cannot say it), mode 0644, owned by root, dated 1970: the same bytes each time. */
export async function* tarFile(
  name: string,
  size: number,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const header = new Header({ path: name, size, mode: 0o644, type: 'File', uid: 0, gid: 0, mtime: new Date(0) });
  header.encode();
  if (header.needPax) yield new Pax({ path: name, size }).encode();
  if (header.block) yield header.block;
  yield* content;
  const rest = size % BLOCK;
  if (rest > 0) yield Buffer.alloc(BLOCK - rest);
}

/** What ends a tar. */
export const tarEnd = (): Uint8Array => Buffer.alloc(2 * BLOCK);
