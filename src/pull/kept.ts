import { descriptorOf } from '../oci/descriptor.ts';
import { formatPlatform } from '../oci/platform.ts';
import type { Reference } from '../oci/reference.ts';
import type { KeptImage, KeptPack, Sized } from '../outcome.ts';
import { type Leaf, leafBlobs } from './platforms.ts';
import type { Resolution } from './resolve.ts';
import type { Run } from './run.ts';

/** What `post` must know of an image that is complete in the store: its packs, and what of it a registry sent. */
export async function keptImage(
  key: string,
  reference: Reference,
  resolution: Resolution,
  run: Run,
): Promise<KeptImage> {
  const { target, packs, tagAsked } = resolution;
  const kept = [...packs].map(([asked, fromCache]) => packOf(asked, fromCache, resolution, run));
  const digests = kept.flatMap(({ documents, blobs }) => [...documents, ...blobs]).map(({ digest }) => digest);
  return {
    key,
    reference,
    target: target.digest,
    packs: kept,
    fetched: [...new Set(digests)].filter((digest) => run.fetched.has(digest)),
    tagAsked: tagAsked && reference.digest === undefined,
    withLogin: await run.ports.registry.usesLogin(reference),
    inside: await run.ports.registry.inside(reference),
  };
}

function packOf(asked: string, fromCache: boolean, resolution: Resolution, run: Run): KeptPack {
  const leaves = leavesOf(asked, resolution, run);
  return {
    asked,
    fromCache,
    documents: distinct(leaves.flatMap(({ documents }) => documents.map(descriptorOf))),
    blobs: distinct(leaves.flatMap(leafBlobs)),
  };
}

/** The leaves a platform of the request came to: in the order of the request, unless two of them came to one. */
function leavesOf(asked: string, { platforms, companions, wanted }: Resolution, run: Run): readonly Leaf[] {
  if (asked === 'all') return [...platforms, ...companions];
  if (typeof wanted === 'string' || platforms.length !== wanted.length) return platforms;
  return platforms.filter((_, position) => formatPlatform(wanted[position] ?? run.ports.platform) === asked);
}

const distinct = (all: readonly Sized[]): readonly Sized[] => [
  ...new Map(all.map(({ digest, size }) => [digest, { digest, size }])).values(),
];
