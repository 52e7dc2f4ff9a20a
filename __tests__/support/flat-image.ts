import { gzipSync } from 'node:zlib';
import { flatTar } from '../../src/files/flatten.ts';
import type { TreeLimits } from '../../src/files/tree.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import type { BlobSource } from '../../src/ports.ts';
import { blobOf, collect } from './store-blobs.ts';
import { type Member, tarArchive } from './tar-archive.ts';

export const file = (name: string, content = ''): Member => ({ name, content });
export const folder = (name: string, mode = 0o755): Member => ({ name, type: 'folder', mode });
export const symlink = (name: string, target: string): Member => ({ name, type: 'symlink', target });
export const link = (name: string, target: string): Member => ({ name, type: 'link', target });

/** The one tar that is made of layers with these members, bottom first. */
export async function flatImage(layers: readonly (readonly Member[])[], limits?: TreeLimits): Promise<Buffer> {
  const blobs = new Map<string, Buffer>();
  const descriptors = layers.map((members): Descriptor => {
    const { bytes, descriptor } = blobOf(gzipSync(tarArchive(members)));
    blobs.set(descriptor.digest, bytes);
    return descriptor;
  });
  const source: BlobSource = {
    async *open({ digest }) {
      yield blobs.get(digest) ?? Buffer.alloc(0);
    },
  };
  return collect(flatTar(descriptors, source, limits));
}
