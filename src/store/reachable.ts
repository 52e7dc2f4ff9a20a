import { PullError } from '../errors.ts';
import { gate } from '../lib/pool.ts';
import type { Digest } from '../oci/digest.ts';
import { parseDocument } from '../oci/manifest.ts';
import type { NameRecord } from '../ports.ts';
import { readBlob } from './blob-file.ts';

/** The digests themselves and all that they lead to, here or not: indexes to manifests, manifests to configs and layers. */
export type Walk = (starts: readonly Digest[]) => Promise<ReadonlySet<Digest>>;

/** Where the walk of a name starts. */
export function startsOf({ target, readAs }: NameRecord): readonly Digest[] {
  return readAs ? [target.digest, readAs.digest] : [target.digest];
}

/** What a document leads to: more documents, or blobs that lead no further. */
interface Children {
  readonly documents: readonly Digest[];
  readonly blobs: readonly Digest[];
}

const NONE: Children = { documents: [], blobs: [] };
const AT_ONCE = 16;

/** A walk over the documents of the store, each read once: what a digest leads to never changes. */
export function storeWalk(root: string): Walk {
  const known = new Map<Digest, Children>();
  const limit = gate(AT_ONCE);

  async function childrenOf(digest: Digest): Promise<Children> {
    const before = known.get(digest);
    if (before) return before;
    const bytes = await limit(() => readBlob(root, digest));
    // One that is not here may come yet.
    if (bytes === undefined) return NONE;
    const children = parse(digest, bytes);
    known.set(digest, children);
    return children;
  }

  return async (starts) => {
    const reached = new Set(starts);
    const walked = new Set<Digest>();
    for (let next = [...reached]; next.length > 0; ) {
      for (const digest of next) walked.add(digest);
      const found = await Promise.all(next.map(childrenOf));
      const documents = new Set(found.flatMap((children) => children.documents));
      for (const digest of [...documents, ...found.flatMap(({ blobs }) => blobs)]) reached.add(digest);
      next = [...documents].filter((digest) => !walked.has(digest));
    }
    return reached;
  };
}

function parse(digest: Digest, bytes: Uint8Array): Children {
  try {
    const content = parseDocument({ mediaType: '', digest, bytes }, digest);
    if (content.kind === 'index') return { documents: content.manifests.map((child) => child.digest), blobs: [] };
    return { documents: [], blobs: [content.config, ...content.layers].map((child) => child.digest) };
  } catch (error) {
    // No document: an index may list anything.
    if (error instanceof PullError) return NONE;
    throw error;
  }
}
