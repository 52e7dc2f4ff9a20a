import { lstat, readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { gate } from '../lib/pool.ts';
import { asRecord, parseJson } from '../lib/records.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { digestOf, hexOf, isDigest } from '../oci/digest.ts';
import type { NameRecord } from '../ports.ts';
import { onDisk, unlessAbsent } from './disk-error.ts';
import { readOwn } from './own-text.ts';
import { placeText } from './place.ts';
import { type Mark, markOf } from './unchanged.ts';

/**
 * The folder of name files: `<sha256 of the name>.json`, one each, so that processes that record different names never
 * write the same file.
 */
export const NAMES = 'names';
const AT_ONCE = 16;

/** A name with what its file tells of its use. */
export interface NameUse {
  readonly record: NameRecord;
  /** When it was last recorded or asked for, milliseconds since the epoch. */
  readonly usedAt: number;
  readonly path: string;
  /** Another one as soon as the name is used again. */
  readonly mark: Mark;
}

/** What the name points to; undefined if it was never recorded, or its file is not one of ours. */
export async function readName(root: string, name: string): Promise<NameRecord | undefined> {
  return readNameFile(root, fileOf(name));
}

/** Every name of the store, sorted; files that are not ours are passed over. */
export async function listNames(root: string): Promise<readonly NameRecord[]> {
  const records = await eachNameFile(root, (file) => readNameFile(root, file));
  return records.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Every name of the store with its use, in no order. */
export async function listNameUses(root: string): Promise<readonly NameUse[]> {
  return eachNameFile(root, async (file) => {
    const path = join(root, NAMES, file);
    // Before it is read: what is recorded in between then differs from its mark.
    const stats = await lstat(path, { bigint: true }).catch(() => undefined);
    const record = stats && (await readNameFile(root, file));
    return record && { record, usedAt: Number(stats.mtimeMs), path, mark: markOf(stats) };
  });
}

async function eachNameFile<T>(root: string, read: (file: string) => Promise<T | undefined>): Promise<T[]> {
  const files = (await unlessAbsent(join(root, NAMES), readdir(join(root, NAMES)))) ?? [];
  const limit = gate(AT_ONCE);
  const found = await Promise.all(files.map((file) => limit(() => read(file))));
  return found.filter((each) => each !== undefined);
}

/** True if each name has a file that says the same, but for the time. */
export async function namesSay(root: string, records: readonly NameRecord[]): Promise<boolean> {
  const limit = gate(AT_ONCE);
  const same = await Promise.all(
    records.map((record) =>
      limit(async () => {
        const found = await readName(root, record.name);
        return found !== undefined && render({ ...found, at: 0 }) === render({ ...record, at: 0 });
      }),
    ),
  );
  return same.every(Boolean);
}

/**
 * Records the names, each file replaced whole, so that it counts as used now; of two records of one name the later wins.
 * Throws DISK_FULL or STORE_UNUSABLE.
 */
export async function writeNames(root: string, records: readonly NameRecord[]): Promise<void> {
  const limit = gate(AT_ONCE);
  const last = new Map(records.map((record) => [record.name, record]));
  await Promise.all(
    [...last.values()].map((record) => limit(() => placeText(root, join(NAMES, fileOf(record.name)), render(record)))),
  );
}

/**
 * Marks the name as used at `at`, milliseconds since the epoch, by the time of its file; a failure is nobody's concern.
 */
export async function touchName(root: string, name: string, at: number): Promise<void> {
  const seconds = at / 1000;
  await utimes(join(root, NAMES, fileOf(name)), seconds, seconds).catch(() => {});
}

/** Takes the name's file away; no error if there is none. Throws STORE_UNUSABLE. */
export async function removeName(root: string, name: string): Promise<void> {
  const path = join(root, NAMES, fileOf(name));
  await onDisk(path, rm(path, { force: true }));
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
  const found = await readOwn(join(root, NAMES, file)).catch(() => undefined);
  const record = found && parse(found.text);
  return record !== undefined && fileOf(record.name) === file ? record : undefined;
}

function parse(text: string): NameRecord | undefined {
  const { name, target, readAs, at } = asRecord(parseJson(text));
  const found = parseTarget(target);
  if (typeof name !== 'string' || typeof at !== 'number' || !found) return undefined;
  return { name, target: found, readAs: parseTarget(readAs), at };
}

function parseTarget(value: unknown): Descriptor | undefined {
  const { mediaType, digest, size } = (value ?? {}) as Record<string, unknown>;
  return typeof mediaType === 'string' && isDigest(digest) && isSize(size) ? { mediaType, digest, size } : undefined;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
