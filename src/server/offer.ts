import { randomBytes } from 'node:crypto';
import { type Descriptor, type Document, descriptorOf } from '../oci/descriptor.ts';
import type { BlobSource, ByteRange, Loadable } from '../ports.ts';
import { bottomFirst } from './bottom-first.ts';
import { serve } from './server.ts';

/**
 * One image as a registry on a free port of 127.0.0.1, under a path prefix that nobody else on the machine can guess (128 random bits): the target by `tag`, documents
 * and blobs by their digests; of several layers read at once the bottom one comes first. Gone when closed.
 */
export async function offerImage(image: Loadable, source: BlobSource, tag: string) {
  const { reference, target, documents, manifest } = image;
  const prefix = randomBytes(16).toString('hex');
  const repository = `${prefix}/${reference.path}`;
  const found = new Map<string, Descriptor>();
  for (const blob of [...manifest.layers, manifest.config, ...documents.map(descriptorOf)])
    found.set(blob.digest, blob);
  found.set(tag, target);
  let asked = false;
  const catalog = {
    find(path: string, name: string) {
      // Anybody on this machine can ask; only who was told the prefix asks for this.
      if (path !== repository) return undefined;
      asked = true;
      return found.get(name);
    },
    tags: () => [],
  };
  const { host, close } = await serve(catalog, withDocuments(documents, bottomFirst(manifest.layers, source)));
  return { host, prefix, asked: () => asked, close };
}

/** The source, and the documents that never were blobs of it. */
function withDocuments(documents: readonly Document[], source: BlobSource): BlobSource {
  const bytes = new Map(documents.map((document) => [document.digest, document.bytes]));
  return {
    async *open(blob, range) {
      const document = bytes.get(blob.digest);
      if (document) yield part(document, range);
      else yield* source.open(blob, range);
    },
  };
}

const part = (bytes: Uint8Array, range: ByteRange | undefined): Uint8Array =>
  range ? bytes.subarray(range.start, range.end) : bytes;
