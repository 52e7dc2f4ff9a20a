import type { FileHandle } from 'node:fs/promises';
import { type Bell, newBell } from '../lib/bell.ts';
import { blobKey } from '../oci/descriptor.ts';
import type { ByteRange } from '../ports.ts';
import { blobFile, openRegular, partOf } from './blob-file.ts';
import type { Promised } from './verify.ts';

/** Told of a blob that is being written: where its bytes lie, and how many of them from its start. */
export interface Writing {
  advance(file: string, written: number): void;
  /** The end of it: readers get the last byte only if there is no error. */
  end(error?: unknown): void;
}

/** The blobs this process is writing, open to readers before they are complete. */
export interface Arriving {
  /** Must be called before the first byte is written; of two at once for one blob the readers follow the first. */
  begin(blob: Promised): Writing;
  /** The bytes as they are written, the last one only when all are proved; undefined if nobody is writing the blob now. Throws what ends the writing. */
  follow(blob: Promised, range: ByteRange): AsyncIterable<Uint8Array> | undefined;
}

interface Frontier {
  file: string;
  written: number;
  over: boolean;
  error: unknown;
  /** Rings at every change. */
  readonly bell: Bell;
}

/** What is under way in the store at `root`; nothing yet. */
export function arrivingIn(root: string): Arriving {
  const frontiers = new Map<string, Frontier>();
  return {
    begin(blob) {
      const frontier = newFrontier();
      const key = blobKey(blob);
      if (!frontiers.has(key)) frontiers.set(key, frontier);
      return {
        advance(file, written) {
          Object.assign(frontier, { file, written });
          frontier.bell.ring();
        },
        end(error) {
          if (frontiers.get(key) === frontier) frontiers.delete(key);
          Object.assign(frontier, { error, over: true });
          frontier.bell.ring();
        },
      };
    },
    follow(blob, range) {
      const frontier = frontiers.get(blobKey(blob));
      return frontier && follow(root, blob, frontier, range);
    },
  };
}

const newFrontier = (): Frontier => ({ file: '', written: 0, over: false, error: undefined, bell: newBell() });

async function* follow(
  root: string,
  blob: Promised,
  frontier: Frontier,
  { start, end }: ByteRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  let handle: FileHandle | undefined;
  try {
    for (let position = start; position < end; ) {
      // The last byte waits until the digest is proved, so a reader never sees the end of wrong bytes.
      const readable = frontier.over ? blob.size : Math.min(frontier.written, blob.size - 1);
      if (frontier.over && frontier.error !== undefined) throw frontier.error;
      const until = Math.min(readable, end);
      if (until <= position) {
        await frontier.bell.next();
        continue;
      }
      handle ??= await openWritten(root, blob, frontier);
      yield* partOf(handle, frontier.file, { start: position, end: until }, blob.digest);
      position = until;
    }
  } finally {
    await handle?.close();
  }
}

/** The open file stays the same when it is moved; only whoever comes too late finds it in the blob's own place. */
async function openWritten(root: string, blob: Promised, frontier: Frontier): Promise<FileHandle> {
  try {
    return (await openRegular(frontier.file, blob.digest)).handle;
  } catch {
    await until(frontier);
    return (await openRegular(blobFile(root, blob.digest), blob.digest)).handle;
  }
}

async function until(frontier: Frontier): Promise<void> {
  while (!frontier.over) await frontier.bell.next();
  if (frontier.error !== undefined) throw frontier.error;
}
