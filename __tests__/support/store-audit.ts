import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What a store holds, after all of it was found to be what it is called. */
export interface Audit {
  /** Names of `index.json` that are not digests themselves, and the digest that each means: its last. */
  readonly names: ReadonlyMap<string, string>;
  /** Digests of every blob. */
  readonly blobs: ReadonlySet<string>;
}

interface Node {
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly config?: Node;
  readonly layers?: readonly Node[];
  readonly manifests?: readonly Node[];
}

const NAME = 'org.opencontainers.image.ref.name';

/**
 * Reads a store with nothing of ours: `oci-layout` and `index.json` are those of a layout, each file in `blobs/` hashes to its name, and all that `index.json`
 * leads to, configs and layers included, is there in the size promised. Throws with every fault. A store whose making was cut short before it became a
 * layout holds nothing.
 */
export async function auditStore(root: string): Promise<Audit> {
  const files: readonly string[] = await readdir(root).catch(() => []);
  if (!files.includes('oci-layout') || !files.includes('index.json')) {
    const blobs = await blobFiles(root);
    if (blobs.length > 0) throw new Error(`no layout but ${blobs.length} blobs in ${root}`);
    return { names: new Map(), blobs: new Set() };
  }
  // The names first: while somebody is at work, a blob is there before its name.
  const layout = await readFile(path.join(root, 'oci-layout'), 'utf8');
  const { schemaVersion, manifests = [] } = JSON.parse(await readFile(path.join(root, 'index.json'), 'utf8'));
  const faults: string[] = [];
  const sizes = new Map<string, number>();
  for (const [digest, file] of await blobFiles(root)) {
    const found = await digestOfFile(file, digest.split(':')[0] ?? '');
    if (found.digest !== digest) faults.push(`${file} hashes to ${found.digest}`);
    sizes.set(digest, found.size);
  }
  if (layout !== '{"imageLayoutVersion":"1.0.0"}') faults.push(`oci-layout holds ${layout}`);
  if (schemaVersion !== 2) faults.push(`index.json is of schema ${schemaVersion}`);
  const names = new Map<string, string>();
  for (const entry of manifests) {
    const name = entry.annotations?.[NAME] ?? '';
    const [tagged, pinned] = name.split('@');
    faults.push(...(await faultsBelow(entry, root, sizes, name)));
    if (pinned === undefined) names.set(tagged, entry.digest);
    else if (pinned !== entry.digest) faults.push(`${name} names ${entry.digest}`);
  }
  if (faults.length > 0) throw new Error(`${root} is not whole:\n${faults.join('\n')}`);
  return { names, blobs: new Set(sizes.keys()) };
}

/** Files left in `ingest/`. */
export async function unfinished(root: string): Promise<readonly string[]> {
  return readdir(path.join(root, 'ingest')).catch(() => []);
}

async function faultsBelow(
  { digest, size }: Node,
  root: string,
  sizes: ReadonlyMap<string, number>,
  name: string,
): Promise<string[]> {
  if (!sizes.has(digest)) return [`${name}: ${digest} is not there`];
  if (sizes.get(digest) !== size) return [`${name}: ${digest} has ${sizes.get(digest)} bytes, not ${size}`];
  if (size > 1_000_000) return [];
  const node = parse(await readFile(path.join(root, 'blobs', digest.replace(':', '/')), 'utf8'));
  const children = [...(node?.config ? [node.config] : []), ...(node?.layers ?? []), ...(node?.manifests ?? [])];
  const below = await Promise.all(
    children.filter(({ digest }) => digest).map((child) => faultsBelow(child, root, sizes, name)),
  );
  return below.flat();
}

function parse(text: string): Node | undefined {
  try {
    const value = JSON.parse(text);
    // The `config` of an image config is no descriptor.
    return 'rootfs' in value ? undefined : value;
  } catch {
    return undefined;
  }
}

async function blobFiles(root: string): Promise<[digest: string, file: string][]> {
  const blobs = path.join(root, 'blobs');
  const algorithms = await readdir(blobs).catch(() => []);
  const found = await Promise.all(
    algorithms.map(async (algorithm) => {
      const names = await readdir(path.join(blobs, algorithm));
      return names.map((name): [string, string] => [`${algorithm}:${name}`, path.join(blobs, algorithm, name)]);
    }),
  );
  return found.flat();
}

async function digestOfFile(file: string, algorithm: string): Promise<{ digest: string; size: number }> {
  const hash = createHash(algorithm);
  const stream = createReadStream(file, { highWaterMark: 1024 * 1024 });
  let size = 0;
  await pipeline(stream, async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      size += chunk.byteLength;
      hash.update(chunk);
    }
  });
  return { digest: `${algorithm}:${hash.digest('hex')}`, size };
}
