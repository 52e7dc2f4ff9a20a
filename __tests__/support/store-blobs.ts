import { randomBytes } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '../../src/oci/digest.ts';
import { OCI_MANIFEST } from '../../src/oci/media-types.ts';

/** Random bytes with their descriptor. */
export function randomBlob(size: number) {
  return blobOf(randomBytes(size));
}

export function blobOf(content: Uint8Array | string) {
  const bytes = Buffer.from(content);
  return { bytes, descriptor: { mediaType: OCI_MANIFEST, digest: digestOf(bytes), size: bytes.byteLength } };
}

/** The bytes in pieces of `size`, each in the same buffer, as a careless source would give them. */
export async function* inChunks(bytes: Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = Buffer.alloc(size);
  for (let at = 0; at < bytes.byteLength; at += size) {
    const part = bytes.subarray(at, at + size);
    buffer.set(part);
    yield buffer.subarray(0, part.byteLength);
  }
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** The bytes with one bit changed at the position. */
export function flipped(bytes: Uint8Array, position: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(position) ^ 1, position);
  return copy;
}

/** A folder for one test; `dispose` takes it away. */
export async function tempFolder(parent = tmpdir()) {
  const path = await realpath(await mkdtemp(join(parent, 'pull-image-store-')));
  return { path, dispose: () => rm(path, { recursive: true, force: true }) };
}
