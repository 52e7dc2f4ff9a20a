import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { lstat, readFile, rm } from 'node:fs/promises';
import { PullError } from '../../src/errors.ts';
import { blobKey, type Descriptor } from '../../src/oci/descriptor.ts';
import { algorithmOf, type Digest, digestOf } from '../../src/oci/digest.ts';
import type { Content, NameRecord, Store } from '../../src/ports.ts';
import { proofOf, sizeMismatch, verified } from '../../src/store/verify.ts';

const SMALL = 8 * 1024 * 1024;

export interface MemoryStore extends Store {
  /** What is in, open to tests. */
  readonly blobs: Map<Digest, Uint8Array>;
  readonly names: Map<string, NameRecord>;
  /** Marks that were not taken away, by name. */
  readonly leases: Map<string, readonly Digest[]>;
  /** What `freeBytes` says: as much as one likes, until a test says otherwise. */
  free: number;
  /** Every digest that was written or adopted, in the order it went in; twice if it went in twice. */
  readonly written: readonly Digest[];
}

/** A Store that passes the contract and keeps everything in memory. */
export function memoryStore(root = '/memory-store'): MemoryStore {
  const blobs = new Map<Digest, Uint8Array>();
  const names = new Map<string, NameRecord>();
  const leases = new Map<string, readonly Digest[]>();
  const written: Digest[] = [];
  const arriving = new Map<string, (start: number, stop: number) => AsyncGenerator<Uint8Array, void, undefined>>();

  function settle(digest: Digest, bytes: Uint8Array): void {
    blobs.set(digest, bytes);
    written.push(digest);
  }

  return {
    root,
    blobs,
    names,
    leases,
    written,
    free: Number.MAX_SAFE_INTEGER,

    has: async ({ digest, size }) => blobs.get(digest)?.byteLength === size,

    async read(digest) {
      const bytes = blobs.get(digest);
      if (bytes === undefined || bytes.byteLength > SMALL) return undefined;
      return digestOf(bytes, algorithmOf(digest)) === digest ? bytes : undefined;
    },

    async *open(blob, range) {
      const coming = arriving.get(blobKey(blob));
      if (coming) return yield* coming(range?.start ?? 0, range?.end ?? blob.size);
      const bytes = blobs.get(blob.digest);
      if (bytes === undefined) throw new PullError('BLOB_UNKNOWN', blob.digest, 'not in the store');
      if (bytes.byteLength !== blob.size) throw sizeMismatch(blob, `${bytes.byteLength}`);
      if (range) yield bytes.subarray(range.start, range.end);
      else yield* verified(blob, slices(bytes));
    },

    async write(blob, content) {
      const proof = proofOf(blob);
      const parts: Uint8Array[] = [];
      const flow = new EventEmitter().setMaxListeners(0);
      const end: { over?: boolean; error?: unknown } = {};
      arriving.set(blobKey(blob), async function* (start, stop) {
        for (let at = start; at < stop; ) {
          if (end.error) throw end.error;
          const all = Buffer.concat(parts);
          const part = all.subarray(at, Math.min(stop, end.over ? all.byteLength : blob.size - 1));
          at += part.byteLength;
          if (part.byteLength > 0) yield part;
          else await once(flow, 'change');
        }
      });
      try {
        for await (const chunk of inOrder(content)) {
          proof.take(chunk);
          parts.push(Uint8Array.from(chunk));
          flow.emit('change');
        }
        proof.end();
        settle(blob.digest, Buffer.concat(parts));
      } catch (error) {
        end.error = error;
        throw error;
      } finally {
        end.over = true;
        arriving.delete(blobKey(blob));
        flow.emit('change');
      }
    },

    async adopt(file, blob) {
      const found = await lstat(file).catch(() => undefined);
      if (!found?.isFile() || found.nlink !== 1) throw new PullError('BLOB_UNKNOWN', file, 'not a file of its own');
      const bytes = await readFile(file);
      if (bytes.byteLength !== blob.size) throw sizeMismatch(blob, `${bytes.byteLength}`);
      const proof = proofOf(blob);
      proof.take(bytes);
      proof.end();
      settle(blob.digest, bytes);
      await rm(file);
    },

    async discard(digest) {
      blobs.delete(digest);
    },

    async record(records) {
      for (const { name, target, readAs, at } of records) {
        names.set(name, { name, target: bare(target), readAs: readAs && bare(readAs), at });
      }
    },

    named: async (name) => names.get(name),

    async lease(digests) {
      const lease = `lease-${randomUUID()}`;
      leases.set(lease, [...digests]);
      return lease;
    },

    async release(lease) {
      leases.delete(lease);
    },

    async freeBytes() {
      return this.free;
    },
  };
}

const bare = ({ mediaType, digest, size }: Descriptor): Descriptor => ({ mediaType, digest, size });

async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.byteLength; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024);
}

/** Chunks as they come, pieces when all before them has come. */
async function* inOrder(content: Content): AsyncGenerator<Uint8Array, void, undefined> {
  const ahead = new Map<number, Uint8Array>();
  let position = 0;
  for await (const chunk of content) {
    if ('offer' in chunk || 'landed' in chunk) continue;
    if (!('position' in chunk)) yield chunk;
    else ahead.set(chunk.position, chunk.bytes);
    for (let next = ahead.get(position); next !== undefined; next = ahead.get(position)) {
      yield next;
      position += next.byteLength;
    }
  }
}
