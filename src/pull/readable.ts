import type { Descriptor, Document } from '../oci/descriptor.ts';
import { descriptorOf } from '../oci/descriptor.ts';
import { digestOf } from '../oci/digest.ts';
import { indexJson } from '../oci/layout.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../oci/media-types.ts';
import type { Leaf } from './platforms.ts';
import type { Resolution } from './resolve.ts';

/** What readers of OCI layouts find under an image's name, and the document to be stored for it if it is one of ours. */
export interface Readable {
  readonly descriptor: Descriptor;
  readonly document?: Document | undefined;
}

/** What it takes to know: the target, and the documents of each platform that is here. */
interface Pulled extends Pick<Resolution, 'target'> {
  readonly platforms: readonly Pick<Leaf, 'documents' | 'platform'>[];
}

/**
 * Pure: skopeo and Podman look a name up among entries of OCI types only, and choose the host's platform from an index, held or not. So a single platform is
 * offered as its manifest, and Docker's types under an OCI index of what was pulled; undefined where the target itself serves.
 */
export function readableTarget({ target, platforms }: Pulled): Readable | undefined {
  const [first, ...others] = platforms;
  if (target.mediaType === OCI_MANIFEST || (target.mediaType === OCI_INDEX && others.length > 0) || !first)
    return undefined;
  const manifest = first.documents.at(-1);
  if (others.length === 0 && manifest?.mediaType === OCI_MANIFEST) return { descriptor: descriptorOf(manifest) };
  // Without a platform an only child is taken whatever the host runs.
  const entries = others.length === 0 ? [entryOf({ ...first, platform: undefined })] : platforms.map(entryOf);
  const bytes = Buffer.from(indexJson(entries.flat()));
  const document = { mediaType: OCI_INDEX, digest: digestOf(bytes), bytes };
  return { descriptor: descriptorOf(document), document };
}

function entryOf({ documents, platform }: Pick<Leaf, 'documents' | 'platform'>): Descriptor[] {
  const manifest = documents.at(-1);
  return manifest ? [{ ...descriptorOf(manifest), platform }] : [];
}
