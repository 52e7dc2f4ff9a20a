import { PullError } from '../errors.ts';
import type { Descriptor, Document } from '../oci/descriptor.ts';
import { isIndexType, isManifestType } from '../oci/media-types.ts';
import { isAttestation } from '../oci/platform-match.ts';
import { familiarReference, type Reference } from '../oci/reference.ts';
import type { Documents, Read } from './documents.ts';

/** A manifest that an index names, with the indexes that lead to it, the target first. */
export interface Candidate {
  readonly descriptor: Descriptor;
  readonly path: readonly Document[];
}

/** An index in an index in an index is legal and rare; deeper is somebody's mistake or malice. */
export const MAX_DEPTH = 4;
/** As many as one index may have children; all there are in public have a few dozen. */
const MAX_CANDIDATES = 10_000;

/** What an index and those within it lead to. */
export interface Spread {
  readonly candidates: Candidate[];
  readonly attestations: Candidate[];
  /** True if there were indexes deeper than is looked. */
  tooDeep: boolean;
}

/** What an index leads to, and those within it; throws MANIFEST_INVALID for more than 10 000 manifests, and what reading throws. */
export async function spread(
  index: Read,
  above: readonly Document[],
  reference: Reference,
  documents: Documents,
  seen: Set<string> = new Set(),
): Promise<Spread> {
  const path = [...above, index.document];
  const found: Spread = { candidates: [], attestations: [], tooDeep: false };
  const children = index.content.kind === 'index' ? index.content.manifests : [];
  for (const descriptor of children) {
    if (isAttestation(descriptor)) found.attestations.push({ descriptor, path });
    else if (isManifestType(descriptor.mediaType)) found.candidates.push({ descriptor, path });
    else if (isIndexType(descriptor.mediaType) && path.length >= MAX_DEPTH) found.tooDeep = true;
    else if (isIndexType(descriptor.mediaType) && !seen.has(descriptor.digest)) {
      // Once is enough: an index that names another ten thousand times would be a bomb.
      seen.add(descriptor.digest);
      const inner = await spread(await readChild(descriptor, reference, documents), path, reference, documents, seen);
      for (const candidate of inner.candidates) found.candidates.push(candidate);
      for (const attestation of inner.attestations) found.attestations.push(attestation);
      found.tooDeep ||= inner.tooDeep;
    }
    if (found.candidates.length > MAX_CANDIDATES) {
      const reason = `more than ${MAX_CANDIDATES} manifests in an index and those within it`;
      throw new PullError('MANIFEST_INVALID', familiarReference(reference), reason);
    }
  }
  return found;
}

/** A document another one names; throws MANIFEST_INVALID if it has not the size promised there. */
export async function readChild(
  { digest, size }: Descriptor,
  reference: Reference,
  documents: Documents,
): Promise<Read> {
  const read = await documents.read(reference, digest);
  const found = read.document.bytes.byteLength;
  if (found === size) return read;
  const reason = `${digest}: expected ${size} bytes as its index says, found ${found}`;
  throw new PullError('MANIFEST_INVALID', familiarReference(reference), reason);
}
