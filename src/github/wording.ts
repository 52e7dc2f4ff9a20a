import type { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { count, formatBytes, formatSeconds } from '../lib/format.ts';
import { briefDigest } from '../oci/digest.ts';
import { familiarReference, withDefaultTag } from '../oci/reference.ts';
import type { ImageOutcome, Source, Totals } from '../outcome.ts';

/** What a line of the log and a row of the summary say about an image: clean text, `-` for what is unknown. */
export interface Columns {
  readonly key: string;
  readonly digest: string;
  readonly platforms: string;
  readonly size: string;
  readonly source: string;
  readonly time: string;
}

const UNKNOWN = '-';
const PLATFORMS_SHOWN = 3;

/** The columns of one image; the size is that of its distinct layers. */
export function columnsOf(image: ImageOutcome): Columns {
  const { digest, platforms, source, seconds } = image;
  return {
    key: clean(image.key, 300),
    digest: digest ? briefDigest(digest) : UNKNOWN,
    platforms: platforms.length > 0 ? platformNames(image) : UNKNOWN,
    size: sizeOf(image) ?? UNKNOWN,
    source: source ?? UNKNOWN,
    time: formatSeconds(seconds),
  };
}

/** The one source of all layers, or each with its bytes; `-` if unknown. */
export function sourceNames({ source, platforms }: ImageOutcome): string {
  const bytes = new Map<Source, number>();
  const layers = new Map(platforms.flatMap((platform) => platform.layers.map((layer) => [layer.digest, layer])));
  for (const layer of layers.values()) bytes.set(layer.source, (bytes.get(layer.source) ?? 0) + layer.size);
  if (bytes.size < 2) return source ?? UNKNOWN;
  return [...bytes].map(([name, size]) => `${name} ${formatBytes(size)}`).join(' + ');
}

function platformNames({ platforms }: ImageOutcome): string {
  const names = platforms.map(({ platform }) => clean(platform, 100));
  const more = names.length - PLATFORMS_SHOWN;
  return more > 0 ? `${names.slice(0, PLATFORMS_SHOWN).join(',')} and ${more} more` : names.join(',');
}

/** The names it runs by in an engine, clean, if they are not the one it was asked for by. */
export function otherNames({ key, reference, local, digestRunnable, platforms }: ImageOutcome): readonly string[] {
  const asked = [key, reference && familiarReference(withDefaultTag(reference))];
  const names = new Set([local, ...platforms.map((platform) => platform.local)].filter((name) => name !== undefined));
  if (reference?.digest !== undefined && digestRunnable && names.size < 2) return [];
  return [...names].filter((name) => !asked.includes(name)).map((name) => clean(name, 300));
}

function sizeOf({ platforms }: ImageOutcome): string | undefined {
  const layers = new Map(platforms.flatMap((platform) => platform.layers.map(({ digest, size }) => [digest, size])));
  const unlisted = platforms.filter((platform) => platform.layers.length === 0).flatMap(({ size }) => size ?? []);
  if (platforms.every(({ size }) => size === undefined)) return undefined;
  return formatBytes(sum([...layers.values(), ...unlisted]));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** The whole run in one line: images, failures, layers, and what came over the network. */
export function totalsLine(totals: Totals): string {
  const failed = totals.failed > 0 ? ` (${totals.failed} failed)` : '';
  const all = `${count(totals.images, 'image')}${failed}, ${count(totals.layers, 'layer')}, ${formatBytes(totals.bytes)}`;
  return `${all}; downloaded ${formatBytes(totals.downloaded)} in ${formatSeconds(totals.seconds)}`;
}

/** The error and what to do about it, as sentences; of several lines only if the error's own reason is. */
export function errorText(error: PullError): string {
  if (error.hint === undefined) return error.message;
  if (error.message.includes('\n')) return `${error.message}\n${error.hint}`;
  return `${error.message}${/[.!?…]$/.test(error.message) ? '' : '.'} ${error.hint}`;
}

/** Why something of the machine's failed, in a few clean words: `ENOENT: no such file or directory, …`. */
export function reasonOf(error: unknown): string {
  return clean(String(error).replace(/^\w*Error: /, ''), 300);
}

/** The error as one clean line to stand behind the image's key, which it does not repeat: neither as its subject, nor as what was asked for. */
export function failureText(error: PullError, key: string): string {
  const subject = clean(error.subject, 2000);
  const text = clean(errorText(error), 2000)
    .replace(` to the request for ${key}`, '')
    .replace(` to the request for ${subject}@`, ' to the request for ');
  const isAboutKey = key === subject || key.startsWith(`${subject}:`) || key.startsWith(`${subject}@`);
  return isAboutKey && text.startsWith(`${subject}: `) ? text.slice(subject.length + 2) : text;
}
