import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { familiarName } from '../oci/reference.ts';
import { imagesOf } from './contents.ts';
import type { Shelf, Shelved } from './shelf.ts';

const KEYS = ['dangling', 'before', 'since', 'label', 'reference'] as const;
type Key = (typeof KEYS)[number];
const EXPECTED = 'dangling=true|false, before=IMAGE, since=IMAGE, label=KEY[=VALUE] or reference=PATTERN';

/**
 * The images that all filters let through, read as `docker images` reads them: several labels must all be there, of several patterns one must match. `before` and
 * `since` go by the time the image was made. Throws INPUT_INVALID for a filter that is none, and what `Shelf.find` throws.
 */
export function filterImages(shelf: Shelf, filters: readonly string[]): readonly Shelved[] {
  const wanted = filters.map(readFilter);
  const patterns = wanted.filter(([key]) => key === 'reference').map(([, value]) => globOf(value));
  const tests = wanted.filter(([key]) => key !== 'reference').map(([key, value]) => testOf(key, value, shelf));
  return shelf.images.filter(
    (image) =>
      tests.every((test) => test(image)) &&
      (patterns.length === 0 ||
        patterns.some((pattern) => pattern.test(familiarName(image.reference)) || pattern.test(image.name))),
  );
}

function readFilter(text: string): readonly [Key, string] {
  const at = text.indexOf('=');
  const key = KEYS.find((each) => each === text.slice(0, at));
  const value = text.slice(at + 1);
  if (!key || value === '' || (key === 'dangling' && !/^(true|false|1|0)$/.test(value)))
    throw new PullError('INPUT_INVALID', '--filter', `expected ${EXPECTED}, found ${JSON.stringify(clean(text, 200))}`);
  return [key, value];
}

function testOf(key: Key, value: string, shelf: Shelf): (image: Shelved) => boolean {
  if (key === 'dangling') return (image) => isDangling(image) === /^(true|1)$/.test(value);
  if (key === 'label') return (image) => hasLabel(image, value);
  const limit = createdAt(shelf.find(value)[0]) ?? 0;
  return (image) => {
    const at = createdAt(image);
    return at !== undefined && (key === 'before' ? at < limit : at > limit);
  };
}

/** An image that no tag leads to. */
export const isDangling = ({ reference, part }: Shelved): boolean => reference.tag === undefined && !part;

/** When the first of its platforms was made, milliseconds since the epoch. */
export function createdAt(image: Shelved | undefined): number | undefined {
  const created = image && imagesOf(image.contents)[0]?.config?.created;
  return created === undefined ? undefined : Date.parse(created);
}

function hasLabel(image: Shelved, label: string): boolean {
  const [, key = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(label) ?? [];
  return imagesOf(image.contents).some(({ config }) => {
    const found = Object.hasOwn(config?.labels ?? {}, key) ? config?.labels[key] : undefined;
    return found !== undefined && (value === undefined || found === value);
  });
}

const PIECE = /\\(.)|\[(\^?)((?:\\.|[^\]\\])+)\]|\*|\?|./gsu;

/** A pattern as Go's path.Match has it: `*`, `?` and `[a-z]`, none of which is a slash, and `\` before what is to stand for itself. */
function globOf(pattern: string): RegExp {
  const source = pattern.replace(PIECE, (piece, escaped?: string, not = '', range?: string) => {
    if (piece === '*') return '[^/]*';
    if (piece === '?') return '[^/]';
    if (range !== undefined) return `(?!/)[${not}${range.replace(/\\?([^-])/gu, (_, letter) => literal(letter))}]`;
    // What opens or escapes nothing makes no expression either, and is refused below.
    return piece === '[' || piece === '\\' ? '(' : literal(escaped ?? piece);
  });
  try {
    return new RegExp(`^${source}$`, 'u');
  } catch {
    const found = JSON.stringify(clean(pattern, 200));
    throw new PullError(
      'INPUT_INVALID',
      '--filter',
      `reference: expected a pattern such as ghcr.io/org/*, found ${found}`,
    );
  }
}

const literal = (text: string): string => `\\u{${(text.codePointAt(0) ?? 0).toString(16)}}`;
