import { type Descriptor, type Document, descriptorOf } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { type Index, type Manifest, parseDocument } from '../oci/manifest.ts';
import type { Platform } from '../oci/platform.ts';
import type { Store } from '../ports.ts';

/** A platform of an image of which the store has every byte: the target first, the manifest last. */
export interface CompletePlatform {
  readonly platform: Platform | undefined;
  readonly documents: readonly Document[];
}

/** What readers of OCI types only are to find under an image's name; undefined where the target itself serves. */
export type Readable = (image: {
  readonly target: Descriptor;
  readonly platforms: readonly CompletePlatform[];
}) => { readonly descriptor: Descriptor; readonly document?: Document | undefined } | undefined;

/** The platforms of an image that are in the store whole; attestations are none. */
export async function completePlatforms(store: Store, target: Descriptor): Promise<readonly CompletePlatform[]> {
  const root = await readStored(store, target);
  if (!root) return [];
  if (root.content.kind === 'manifest') {
    return (await holdsAll(store, root.content)) ? [{ platform: undefined, documents: [root.document] }] : [];
  }
  const platforms: CompletePlatform[] = [];
  for (const child of runnable(root.content)) {
    const found = await readStored(store, child);
    if (found?.content.kind === 'manifest' && (await holdsAll(store, found.content)))
      platforms.push({ platform: child.platform, documents: [root.document, found.document] });
  }
  return platforms;
}

/** The manifests of an index that are for a platform; attestations are none. */
export const runnable = ({ manifests }: Index) => manifests.filter(({ platform }) => platform?.os !== 'unknown');

/** Points names at a target, of which `platforms` are here; what old readers need is stored besides. */
export async function recordNames(
  names: readonly string[],
  target: Descriptor,
  platforms: readonly CompletePlatform[],
  { store, readable, now }: { readonly store: Store; readonly readable: Readable; readonly now: () => number },
): Promise<void> {
  const readAs = readable({ target, platforms });
  if (readAs?.document) await writeDocument(store, readAs.document);
  await store.record(names.map((name) => ({ name, target, readAs: readAs?.descriptor, at: now() })));
}

/** Stores a document through the store's door. */
export async function writeDocument(store: Store, document: Document): Promise<void> {
  const bytes = [document.bytes];
  await store.write(descriptorOf(document), {
    async *[Symbol.asyncIterator]() {
      yield* bytes;
    },
  });
}

/** An index in an index is legal and rare; deeper is somebody's mistake or malice. */
export const MAX_DEPTH = 4;

/** A document of the store, read; undefined if it is not here. Throws MANIFEST_INVALID for what is none. */
export async function readStored(
  store: Store,
  { mediaType, digest }: { readonly mediaType: string; readonly digest: Digest },
): Promise<{ readonly document: Document; readonly content: Manifest | Index } | undefined> {
  const bytes = await store.read(digest);
  if (bytes === undefined) return undefined;
  const content = parseDocument({ mediaType, digest, bytes }, digest);
  return { document: { mediaType: content.mediaType, digest, bytes }, content };
}

async function holdsAll(store: Store, { config, layers }: Manifest): Promise<boolean> {
  for (const blob of [config, ...layers]) if (!(await store.has(blob))) return false;
  return true;
}
