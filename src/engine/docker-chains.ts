import { gate } from '../lib/pool.ts';
import { parseConfig } from '../oci/config.ts';
import type { Digest } from '../oci/digest.ts';
import type { BlobSource, Loadable } from '../ports.ts';
import type { DockerImages } from './docker-images.ts';

/** Layers a graph driver has already, seen from one image. */
export interface HeldLayers {
  /** The bottom layers it need not be sent. */
  readonly layers: ReadonlySet<Digest>;
  /** True if it would ask for them in a pull all the same: they came by another way than from a registry. */
  readonly unknownToPulls: boolean;
}

const MANY = 300;

/**
 * Which bottom layers of an image a graph driver has: those whose chain (image-spec v1.1, config.md, "Layer ChainID") is the beginning of one it lists. Its list is
 * read once, when first asked for.
 */
export function heldLayers(images: DockerImages): (image: Loadable, source: BlobSource) => Promise<HeldLayers> {
  let listed: Promise<Chains> | undefined;
  return async (image, source) => {
    // Without the list everything is sent, which only takes longer.
    listed ??= chainsOf(images).catch(() => NONE);
    const { all, pulled } = await listed;
    const diffIds = all.size === 0 ? [] : await diffIdsOf(image, source);
    const { layers } = image.manifest;
    const depth = diffIds.length === layers.length ? depthIn(all, diffIds) : 0;
    return {
      layers: new Set(layers.slice(0, depth).map(({ digest }) => digest)),
      unknownToPulls: depth > depthIn(pulled, diffIds),
    };
  };
}

interface Chains {
  readonly all: ReadonlySet<string>;
  readonly pulled: ReadonlySet<string>;
}

const NONE: Chains = { all: new Set(), pulled: new Set() };

async function chainsOf(images: DockerImages): Promise<Chains> {
  const some = gate(8);
  const ids = (await images.list()).slice(0, MANY);
  const found = await Promise.all(ids.map((id) => some(() => images.inspect(id))));
  const [all, pulled] = [new Set<string>(), new Set<string>()];
  for (const image of found) {
    for (let depth = 1; image && depth <= image.diffIds.length; depth += 1) {
      const chain = chainOf(image.diffIds, depth);
      all.add(chain);
      if (image.wasPulled) pulled.add(chain);
    }
  }
  return { all, pulled };
}

const chainOf = (diffIds: readonly string[], depth: number): string => diffIds.slice(0, depth).join(' ');

function depthIn(chains: ReadonlySet<string>, diffIds: readonly string[]): number {
  let depth = 0;
  while (depth < diffIds.length && chains.has(chainOf(diffIds, depth + 1))) depth += 1;
  return depth;
}

async function diffIdsOf({ manifest }: Loadable, source: BlobSource): Promise<readonly string[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.open(manifest.config)) chunks.push(chunk);
  return parseConfig(Buffer.concat(chunks), manifest.config.digest).diffIds;
}
