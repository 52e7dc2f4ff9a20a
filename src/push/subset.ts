import { PullError } from '../errors.ts';
import type { Descriptor, Document } from '../oci/descriptor.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { isIndexType } from '../oci/media-types.ts';
import { describedBy } from '../oci/platform-match.ts';
import type { Store } from '../ports.ts';
import { contentsOf } from './contents.ts';

/** What stands for a chosen set of platforms. */
export interface Subset {
  readonly target: Digest;
  /** The index, where there is one that was made for it. */
  readonly made: readonly Document[];
}

/** What an entry of an index is known to be by whoever read it first; it may hold more. */
type Entry = Pick<Descriptor, 'mediaType' | 'digest' | 'platform' | 'annotations'>;

/**
 * What is to be pushed where some platforms of an image were chosen, by the digests of their manifests: one of them is pushed as what it is; of several an index is made
 * that lists them and those of their attestations that the store has, each with the very entry it had. Equal choices give equal bytes.
 */
export async function subsetOf(
  target: Digest,
  chosen: readonly Digest[],
  store: Pick<Store, 'read' | 'has'>,
): Promise<Subset> {
  const [first, ...others] = [...new Set(chosen)];
  if (first === undefined || chosen.includes(target)) return { target, made: [] };
  if (others.length === 0) return { target: first, made: [] };
  const index = await readIndex(target, store);
  const all = await entriesOf(index, store);
  const stay = await Promise.all(all.map((entry) => staysIn(entry, chosen, store)));
  const manifests = all.filter((_, at) => stay[at]);
  if (manifests.length === all.length) return { target, made: [] };
  const bytes = Buffer.from(JSON.stringify({ ...index, manifests }));
  const mediaType = typeof index.mediaType === 'string' ? index.mediaType : '';
  const document = { mediaType, digest: digestOf(bytes), bytes };
  return { target: document.digest, made: [document] };
}

async function staysIn(entry: Entry, chosen: readonly Digest[], store: Pick<Store, 'read' | 'has'>): Promise<boolean> {
  if (chosen.includes(entry.digest)) return true;
  const { platform, annotations } = entry;
  const described = describedBy({ platform: platform ?? undefined, annotations: annotations ?? undefined });
  if (described === undefined || !chosen.includes(described)) return false;
  try {
    await contentsOf(entry.digest, entry.digest, store);
    return true;
  } catch (error) {
    // Who pulled the image has said that it lacks an attestation.
    if (error instanceof PullError) return false;
    throw error;
  }
}

type Json = { readonly manifests?: unknown; readonly mediaType?: unknown };

/** What was pulled has been read as an index before. */
async function readIndex(digest: Digest, store: Pick<Store, 'read'>): Promise<Json> {
  const bytes = await store.read(digest);
  return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as Json) : {};
}

/** The entries of an index, those of indexes in it in their place. */
async function entriesOf({ manifests }: Json, store: Pick<Store, 'read'>): Promise<readonly Entry[]> {
  const entries = Array.isArray(manifests) ? (manifests as readonly Entry[]) : [];
  const spread = entries.map(async (entry) =>
    isIndexType(entry.mediaType) ? entriesOf(await readIndex(entry.digest, store), store) : [entry],
  );
  return (await Promise.all(spread)).flat();
}
