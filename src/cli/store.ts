import { PullError } from '../errors.ts';
import { entriesOf } from '../images/entries.ts';
import { clean } from '../lib/clean.ts';
import { count, formatAge, formatBytes, parseBytes } from '../lib/format.ts';
import { briefDigest } from '../oci/digest.ts';
import type { StoredImage } from '../ports.ts';
import { columns } from './columns.ts';
import { careOf } from './open-store.ts';

/** The options of the `store` commands as they were typed. */
export interface StoreOptions {
  readonly store?: string;
  readonly maxSize?: string;
}

export type Say = (line: string) => void;

/** `store ls`: a line an image by the name Docker prints, or by what is no image's name as it is, the last used first. Returns the exit code. */
export async function storeLs({ store }: StoreOptions, say: Say, now = Date.now()): Promise<number> {
  const { root, care } = await careOf(store);
  const rows = rowsOf(await care.list());
  if (rows.length === 0) say(`No images in ${root}`);
  else for (const line of table(rows, now)) say(line);
  return 0;
}

/** `store verify`: says what was wrong and is gone, and what to do. Returns the exit code, 1 if anything was wrong. */
export async function storeVerify({ store }: StoreOptions, say: Say): Promise<number> {
  const { root, care } = await careOf(store);
  const { blobs, bytes, wrong } = await care.verify();
  if (wrong.length === 0) {
    say(`${count(blobs, 'blob')}, ${formatBytes(bytes)}: all are what their names say`);
    return 0;
  }
  for (const { digest, reason } of wrong) say(`✗ ${digest}: ${clean(reason)}`);
  say(
    `Removed ${wrong.length} of ${count(blobs, 'blob')} from ${root}. Pull the images again: only what is gone is fetched.`,
  );
  return 1;
}

/** `store sweep`: says what went. Returns the exit code; throws INPUT_INVALID for a size that is none. */
export async function storeSweep({ store, maxSize = '' }: StoreOptions, say: Say): Promise<number> {
  const limit = parseBytes(maxSize);
  if (limit === undefined) {
    throw new PullError(
      'INPUT_INVALID',
      '--max-size',
      `expected a size such as 500MB or 20GB, found ${JSON.stringify(clean(maxSize, 100))}`,
    );
  }
  const { root, care } = await careOf(store);
  const { images, bytes } = await care.sweep(limit);
  const went = images > 0 ? `${count(images, 'image')}, ${formatBytes(bytes)}` : formatBytes(bytes);
  if (images > 0 || bytes > 0) say(`Removed ${went}, from ${root}`);
  else say(`Removed nothing from ${root}: it takes no more than ${formatBytes(limit)}, or jobs use what it holds`);
  return 0;
}

type Row = Pick<StoredImage, 'name' | 'target' | 'bytes' | 'usedAt'>;

/** An image is recorded under several texts, for the sake of those who read the store; its platforms have names besides. */
function rowsOf(images: readonly StoredImage[]): readonly Row[] {
  const entries = entriesOf(images);
  const meant = new Set(entries.flatMap(({ recorded }) => recorded));
  const rows: readonly Row[] = [
    ...entries.filter(({ part }) => !part),
    ...images.filter(({ name }) => !meant.has(name)),
  ];
  return rows.toSorted((a, b) => b.usedAt - a.usedAt);
}

/** The names last, for they are long. */
function table(images: readonly Row[], now: number): readonly string[] {
  const rows = images.map(({ name, target, bytes, usedAt }) => [
    briefDigest(target),
    formatBytes(bytes),
    `${formatAge(now - usedAt)} ago`,
    clean(name),
  ]);
  return columns([['DIGEST', 'SIZE', 'LAST USED', 'NAME'], ...rows]);
}
