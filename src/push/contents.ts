import { PullError } from '../errors.ts';
import { type Descriptor, type Document, descriptorOf } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { parseDocument } from '../oci/manifest.ts';
import { isIndexType, isManifestType } from '../oci/media-types.ts';
import type { Store } from '../ports.ts';

/** All that an image is made of. */
export interface Contents {
  /** Children before the indexes that name them, the target last; each once. */
  readonly documents: readonly Document[];
  /** Configs and layers, each once. */
  readonly blobs: readonly Descriptor[];
}

/** An index in an index in an index is legal and rare; deeper is somebody's mistake or malice. */
const MAX_DEPTH = 5;

/**
 * What the target leads to, all of it in the store. Throws NOT_HELD about the subject, with the first digest that is missing, if it is not: an index without one of its
 * children would be another index. `made` are documents that lie nowhere yet.
 */
export async function contentsOf(
  target: Digest,
  subject: string,
  store: Pick<Store, 'read' | 'has'>,
  made: readonly Document[] = [],
): Promise<Contents> {
  const documents = new Map<Digest, Document>();
  const blobs = new Map<Digest, Descriptor>();

  async function visit(digest: Digest, depth: number): Promise<void> {
    if (documents.has(digest)) return;
    const bytes = made.find((document) => document.digest === digest)?.bytes ?? (await store.read(digest));
    if (bytes === undefined) throw missing(subject, `the manifest ${digest}`);
    const content = parseDocument({ mediaType: '', digest, bytes }, subject);
    const { mediaType } = content;
    if (content.kind === 'index') {
      if (depth === MAX_DEPTH)
        throw new PullError('MANIFEST_INVALID', subject, `indexes in indexes, more than ${MAX_DEPTH} deep`);
      for (const child of content.manifests) {
        if (isIndexType(child.mediaType) || isManifestType(child.mediaType)) await visit(child.digest, depth + 1);
        else blobs.set(child.digest, await held(child));
      }
    } else {
      for (const blob of [content.config, ...content.layers]) blobs.set(blob.digest, await held(blob));
    }
    documents.set(digest, { mediaType, digest, bytes });
  }

  async function held(blob: Descriptor): Promise<Descriptor> {
    if (isForeign(blob) || (await store.has(blob))) return blob;
    throw missing(subject, `the blob ${blob.digest}`);
  }

  await visit(target, 1);
  return { documents: [...documents.values()], blobs: [...blobs.values()] };
}

/** True for a layer that registries are not to hand on (image-spec v1.1, layer.md, "Non-Distributable Layers"), where it says who does. */
export function isForeign({ mediaType, urls = [] }: Descriptor): boolean {
  return urls.length > 0 && /foreign|nondistributable/.test(mediaType);
}

/** The target's descriptor: the document that all others lead from. */
export function targetOf({ documents }: Contents): Descriptor | undefined {
  const last = documents.at(-1);
  return last && descriptorOf(last);
}

function missing(subject: string, what: string): PullError {
  const hint = 'Pull it with --platform all, or choose the platforms to push with --platform (input: platforms).';
  return new PullError('NOT_HELD', subject, `the store does not have ${what}`, { hint });
}
