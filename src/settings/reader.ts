import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { formatBytes, parseBytes } from '../lib/format.ts';

/** Raw text by input name; an input that is absent counts as empty. */
export type RawSettings = Readonly<Record<string, string | undefined>>;

/** Items of a List: one a line, however lines end, `#` starts a comment, blanks and empty lines fall away. */
export function splitLines(text: string): string[] {
  return trimmed(text.split(/\r\n|[\r\n]/).map((line) => line.replace(/#.*$/, '')));
}

/** Items of a List/CSV: as a List, with commas too. */
export function splitList(text: string): string[] {
  return trimmed(splitLines(text).flatMap((line) => line.split(',')));
}

const trimmed = (items: readonly string[]): string[] => items.map((item) => item.trim()).filter((item) => item !== '');

/** Reads inputs as what they are meant to be; a mistake is noted, never thrown, and the default stands in for it. */
export interface Reader {
  readonly mistakes: string[];
  text(name: string): string | undefined;
  boolean(name: string, fallback: boolean): boolean;
  integer(name: string, fallback: number, largest: number): number;
  /** Bytes, from `500MB`, `2GB`, `1GiB` or a bare number; zero only where it is not too few. */
  size(name: string, fallback: number, least?: number): number;
  choice<T extends string>(name: string, allowed: readonly T[], fallback: T): T;
  list<T>(split: (text: string) => string[], name: string, parse: (item: string) => T): T[];
}

export function reader(raw: RawSettings): Reader {
  const mistakes: string[] = [];
  const text = (name: string) => raw[name]?.trim() || undefined;
  const mistake = (name: string, expected: string, found: string) =>
    mistakes.push(`${name}: expected ${expected}, found ${JSON.stringify(clean(found, 100))}`);
  return {
    mistakes,
    text,
    boolean(name, fallback) {
      const found = text(name);
      if (found === undefined) return fallback;
      if (/^(true|True|TRUE)$/.test(found)) return true;
      if (!/^(false|False|FALSE)$/.test(found)) mistake(name, 'true or false', found);
      return false;
    },
    integer(name, fallback, largest) {
      const found = text(name);
      if (found === undefined) return fallback;
      const value = Number(found);
      if (/^\d+$/.test(found) && value >= 1 && value <= largest) return value;
      mistake(name, `a whole number from 1 to ${largest}`, found);
      return fallback;
    },
    size(name, fallback, least = 0) {
      const found = text(name);
      if (found === undefined) return fallback;
      const bytes = parseBytes(found);
      if (bytes !== undefined && bytes >= least) return bytes;
      mistake(name, `a size${least > 0 ? ` of ${formatBytes(least)} or more,` : ''} such as 500MB or 2GB`, found);
      return fallback;
    },
    choice(name, allowed, fallback) {
      const found = text(name);
      const known = allowed.find((word) => word === found);
      if (found !== undefined && known === undefined) mistake(name, `one of ${allowed.join(', ')}`, found);
      return known ?? fallback;
    },
    list(split, name, parse) {
      return split(text(name) ?? '').flatMap((item) => {
        try {
          return [parse(item)];
        } catch (error) {
          if (!(error instanceof PullError)) throw error;
          mistakes.push(`${name}: ${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}`);
          return [];
        }
      });
    },
  };
}
