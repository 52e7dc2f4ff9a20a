import { readdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { gate } from '../lib/pool.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { digestOf, hexOf, isDigest } from '../oci/digest.ts';
import type { NameRecord } from '../ports.ts';
import { unlessAbsent } from './disk-error.ts';
import { placeText } from './place.ts';

/**
 * The folder of name files: `<sha256 of the name>.json`, one each, so that processes that record different names never
 * write the same file.
 */
export const NAMES = 'names';
const AT_ONCE = 16;

/** What the name points to; undefined if it was never recorded, or its file is not one of ours. */
export async function readName(root: string, name: string): Promise<NameRecord | undefined> {
  return readNameFile(root, fileOf(name));
}

/** Every name of the store, sorted; files that are not ours are passed over. */
export async function listNames(root: string): Promise<readonly NameRecord[]> {
  const files = (await unlessAbsent(join(root, NAMES), readdir(join(root, NAMES)))) ?? [];
  const limit = gate(AT_ONCE);
  const records = await Promise.all(files.map((file) => limit(() => readNameFile(root, file))));
  return records.filter((record) => record !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Records the names, each file replaced whole; of two processes that record one name, the later wins. Throws DISK_FULL
 * or STORE_UNUSABLE.
 */
export async function writeNames(root: string, records: readonly NameRecord[]): Promise<void> {
  const limit = gate(AT_ONCE);
  await Promise.all(
    records.map((record) => limit(() => placeText(root, join(NAMES, fileOf(record.name)), render(record)))),
  );
}

/**
 * Marks the name as used at `at`, milliseconds since the epoch, by the time of its file; a failure is nobody's concern.
 */
export async function touchName(root: string, name: string, at: number): Promise<void> {
  const seconds = at / 1000;
  await utimes(join(root, NAMES, fileOf(name)), seconds, seconds).catch(() => {});
}

function fileOf(name: string): string {
  return `${hexOf(digestOf(name))}.json`;
}

function render({ name, target, readAs, at }: NameRecord): string {
  return `${JSON.stringify({ name, target: bare(target), readAs: readAs && bare(readAs), at })}\n`;
}

const bare = ({ mediaType, digest, size }: Descriptor): Descriptor => ({ mediaType, digest, size });

async function readNameFile(root: string, file: string): Promise<NameRecord | undefined> {
  // Whatever cannot be read as a name is no name: recording it anew mends it.
  const text = await readFile(join(root, NAMES, file), 'utf8').catch(() => undefined);
  const record = text === undefined ? undefined : parse(text);
  return record !== undefined && fileOf(record.name) === file ? record : undefined;
}

function parse(text: string): NameRecord | undefined {
  try {
    const { name, target, readAs, at } = JSON.parse(text) as Record<string, unknown>;
    const found = parseTarget(target);
    if (typeof name !== 'string' || typeof at !== 'number' || !found) return undefined;
    return { name, target: found, readAs: parseTarget(readAs), at };
  } catch {
    return undefined;
  }
}

function parseTarget(value: unknown): Descriptor | undefined {
  const { mediaType, digest, size } = (value ?? {}) as Record<string, unknown>;
  return typeof mediaType === 'string' && isDigest(digest) && isSize(size) ? { mediaType, digest, size } : undefined;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
