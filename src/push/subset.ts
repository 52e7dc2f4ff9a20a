import type { Document } from '../oci/descriptor.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { isIndexType } from '../oci/media-types.ts';
import type { Store } from '../ports.ts';

/** What stands for a chosen set of platforms. */
export interface Subset {
  readonly target: Digest;
  /** The index, where there is one that was made for it. */
  readonly made: readonly Document[];
}

interface Entry {
  readonly digest?: unknown;
  readonly mediaType?: unknown;
}

/**
 * What is to be pushed where some platforms of an image were chosen, by the digests of their manifests: one of them is pushed as what it is; of several an index is made
 * that lists them alone, each with the very entry it had. Equal choices give equal bytes.
 */
export async function subsetOf(target: Digest, chosen: readonly Digest[], store: Pick<Store, 'read'>): Promise<Subset> {
  const [first, ...others] = [...new Set(chosen)];
  if (first === undefined || chosen.includes(target)) return { target, made: [] };
  if (others.length === 0) return { target: first, made: [] };
  const index = await readIndex(target, store);
  const all = await entriesOf(index, store);
  const manifests = all.filter(({ digest }) => chosen.includes(digest as Digest));
  if (manifests.length === all.length) return { target, made: [] };
  const bytes = Buffer.from(JSON.stringify({ ...index, manifests }));
  const mediaType = typeof index.mediaType === 'string' ? index.mediaType : '';
  const document = { mediaType, digest: digestOf(bytes), bytes };
  return { target: document.digest, made: [document] };
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
    isIndexType(String(entry.mediaType)) ? entriesOf(await readIndex(entry.digest as Digest, store), store) : [entry],
  );
  return (await Promise.all(spread)).flat();
}
