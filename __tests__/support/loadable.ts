import type { Descriptor, Document } from '../../src/oci/descriptor.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { parseDocument } from '../../src/oci/manifest.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { BlobSource, Loadable } from '../../src/ports.ts';
import type { ImageBag } from './image-builder.ts';

/** The image that the descriptors lead to, the target first and its manifest last, as the flow hands it to an engine. */
export function loadableFrom(
  bag: ImageBag,
  reference: string,
  target: Descriptor,
  ...rest: readonly Descriptor[]
): Loadable {
  const documents = [target, ...rest].map(({ digest, mediaType }): Document => {
    const bytes = bag.blobs.get(digest)?.bytes;
    if (!bytes) throw new Error(`no ${digest} in the bag`);
    return { mediaType, digest, bytes };
  });
  const last = documents.at(-1);
  const manifest = last && parseDocument(last, reference);
  if (manifest?.kind !== 'manifest') throw new Error(`${reference} does not end in a manifest`);
  const platform = rest.at(-1)?.platform ?? target.platform ?? { os: 'linux', architecture: 'amd64' };
  const { mediaType, digest, size } = target;
  return { reference: parseReference(reference), target: { mediaType, digest, size }, documents, manifest, platform };
}

/** A source that notes which blobs were opened, in order, and how many bytes were read. */
export function watched(
  source: BlobSource,
): BlobSource & { readonly opened: readonly Digest[]; readonly bytes: () => number } {
  const opened: Digest[] = [];
  let bytes = 0;
  return {
    opened,
    bytes: () => bytes,
    async *open(blob, range) {
      opened.push(blob.digest);
      for await (const chunk of source.open(blob, range)) {
        bytes += chunk.byteLength;
        yield chunk;
      }
    },
  };
}

/** Fails before the first chunk. */
export function throwing(error: Error): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}

/** A source that must not be asked. */
export const untouchable: BlobSource = {
  open: ({ digest }) => throwing(new Error(`${digest} was asked for`)),
};
