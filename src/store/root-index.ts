import { join } from 'node:path';
import { gate, once } from '../lib/pool.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { INDEX_FILE, layoutIndex, REF_NAME } from '../oci/layout.ts';
import type { NameRecord } from '../ports.ts';
import { holds } from './blob-file.ts';
import { listNames } from './names.ts';
import { readOwn } from './own-text.ts';
import { placeText } from './place.ts';

const AT_ONCE = 16;
const TRIES = 10;

/** An entry of `index.json` as it stands there: perhaps another tool's, so everything in it is kept. */
type Entry = Readonly<Record<string, unknown>>;

/** True if `index.json` is there and can be read. */
export async function indexIsThere(root: string): Promise<boolean> {
  return (await readIndex(root)) !== undefined;
}

/** True if `index.json` lists every name at its target, so that nothing is left to do. */
export async function indexLists(root: string, records: readonly NameRecord[]): Promise<boolean> {
  const listed = (await readIndex(root))?.entries ?? [];
  return records.every((record) => {
    const entries = listed.filter((entry) => nameOf(entry) === record.name);
    const wanted = targetsOf(record);
    return wanted.length === entries.length && wanted.every((target, at) => sameBlob(target, entries[at] ?? {}));
  });
}

const sameBlob = (target: Descriptor, entry: Entry): boolean =>
  entry.digest === target.digest && entry.size === target.size && entry.mediaType === target.mediaType;

/** What is listed under a name, in this order: a reader that keeps the last of a name finds what it means. */
const targetsOf = ({ target, readAs }: NameRecord): readonly Descriptor[] => (readAs ? [readAs, target] : [target]);

/** True if `index.json` lists the digest, under any name. */
export async function indexMentions(root: string, digest: Digest): Promise<boolean> {
  return (await readIndex(root))?.entries.some((entry) => entry.digest === digest) ?? false;
}

/** What the entries of other tools point to: those no name file speaks of. */
export async function foreignTargets(root: string, records: readonly NameRecord[]): Promise<readonly Digest[]> {
  const foreign = foreignEntries((await readIndex(root))?.entries ?? [], records);
  return foreign.map(({ digest }) => digest).filter(isDigest);
}

/**
 * Makes `index.json` say what the name files say, but for the names in `without`; to be called under the store's lock.
 * Two rules: nothing is listed whose blob is not here, and an entry that no name file speaks of is another tool's and
 * stays as it is.
 */
export async function rebuildIndex(root: string, without: ReadonlySet<string | undefined> = new Set()): Promise<void> {
  // A process that was stopped for so long that its lock was taken over may write an older index after ours: whoever
  // writes looks again, so the last one to write is right.
  // There may be thousands of other tools' entries.
  const isOtherHere = remembered(holdsIn(root));
  for (let tries = 0; tries < TRIES; tries += 1) {
    const current = await readIndex(root);
    const entries = (current?.entries ?? []).filter((entry) => !without.has(nameOf(entry)));
    const names = (await listNames(root)).filter(({ name }) => !without.has(name));
    const text = await render(root, names, entries, isOtherHere);
    if (text === current?.text) return;
    await placeText(root, INDEX_FILE, text);
  }
}

type IsHere = (blob: Pick<Descriptor, 'digest' | 'size'>) => Promise<boolean>;

function holdsIn(root: string): IsHere {
  const limit = gate(AT_ONCE);
  return (blob) => limit(() => holds(root, blob));
}

function remembered(isHere: IsHere): IsHere {
  const known = once<boolean>();
  return (blob) => known(`${blob.digest} ${blob.size}`, () => isHere(blob));
}

/** `isOtherHere` is asked about what other tools list. */
async function render(
  root: string,
  records: readonly NameRecord[],
  current: readonly Entry[],
  isOtherHere: IsHere,
): Promise<string> {
  const named = records.flatMap((record) => targetsOf(record).map((target) => ({ name: record.name, target })));
  const [ours, others] = await Promise.all([
    whoseBlobIsHere(holdsIn(root), named, ({ target }) => target),
    whoseBlobIsHere(isOtherHere, foreignEntries(current, records), (entry) => entry),
  ]);
  const text = layoutIndex(ours);
  if (others.length === 0) return text;
  const index = JSON.parse(text) as { manifests: readonly Entry[] };
  return JSON.stringify({ ...index, manifests: [...index.manifests, ...others] });
}

function foreignEntries(entries: readonly Entry[], records: readonly NameRecord[]): readonly Entry[] {
  const named = new Set<string | undefined>(records.map(({ name }) => name));
  return entries.filter((entry) => !named.has(nameOf(entry)));
}

async function whoseBlobIsHere<T>(
  isHere: IsHere,
  all: readonly T[],
  targetOf: (one: T) => Entry | NameRecord['target'],
) {
  const here = await Promise.all(
    all.map((one) => {
      const { digest, size } = targetOf(one);
      return isDigest(digest) && typeof size === 'number' && isHere({ digest, size });
    }),
  );
  return all.filter((_, position) => here[position]);
}

async function readIndex(root: string): Promise<{ text: string; entries: readonly Entry[] } | undefined> {
  try {
    const { text } = await readOwn(join(root, INDEX_FILE));
    const { manifests } = JSON.parse(text) as { manifests?: unknown };
    if (!Array.isArray(manifests)) return undefined;
    return { text, entries: manifests.filter((entry) => typeof entry === 'object' && entry !== null) };
  } catch {
    return undefined;
  }
}

function nameOf(entry: Entry): string | undefined {
  const annotations = entry.annotations as Readonly<Record<string, unknown>> | null | undefined;
  const name = annotations?.[REF_NAME];
  return typeof name === 'string' ? name : undefined;
}
