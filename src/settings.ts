import { PullError } from './errors.ts';
import { clean } from './lib/clean.ts';
import { type Platform, parsePlatform } from './oci/platform.ts';
import { parseReference, type Reference } from './oci/reference.ts';

/** One entry of `images`: what it refers to, or why it refers to nothing. */
export type WantedImage =
  | { readonly key: string; readonly reference: Reference }
  | { readonly key: string; readonly error: PullError };

/** Which platforms of an image are wanted; `engine` means the one the engine (or else the runner) runs. */
export type WantedPlatforms = 'engine' | 'all' | readonly Platform[];

/** What to pull and how: the whole input of the flow. */
export interface PullRequest {
  /** In input order, each key once. */
  readonly images: readonly WantedImage[];
  readonly platforms: WantedPlatforms;
  readonly allTags: boolean;
  /** Globs that narrow `allTags`; empty takes every tag. */
  readonly tags: readonly string[];
  readonly maxTags: number;
  readonly policy: 'always' | 'missing' | 'never';
  /** Downloads at once from one registry. */
  readonly concurrency: number;
}

/** One login to one registry, as docker/login-action takes it. */
export interface Login {
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

export interface Settings {
  readonly request: PullRequest;
  readonly engine: 'auto' | 'docker' | 'none';
  readonly store: string | undefined;
  readonly logins: readonly Login[];
  readonly githubToken: string | undefined;
  readonly quiet: boolean;
  readonly summary: boolean;
  /** Facts about the inputs worth a notice. */
  readonly notices: readonly string[];
}

/** Raw text by input name; an input that is absent counts as empty. */
export type RawSettings = Readonly<Record<string, string | undefined>>;

/**
 * Settings out of raw text, with the defaults of `action.yml`. Throws one INPUT_INVALID that lists every mistake; only where `images` holds good and bad
 * references side by side do the bad ones become failures of their own, so that the others are still pulled.
 */
export function parseSettings(raw: RawSettings): Settings {
  const read = reader(raw);
  const allTags = read.boolean('all-tags', false);
  const policy = read.choice('pull-policy', ['always', 'missing', 'never'], 'always');
  const images = readImages(raw.images ?? '', allTags, policy, read.mistakes);
  const tags = read.list(splitLines, 'tags', glob);
  if (tags.length > 0 && !allTags) read.mistakes.push('tags: narrows all-tags, which is off; add all-tags: true');
  const { logins, notices } = readLogin(read);
  const settings: Settings = {
    request: {
      images,
      platforms: readPlatforms(read),
      allTags,
      tags,
      maxTags: read.integer('max-tags', 50, 100_000),
      policy,
      concurrency: read.integer('max-concurrent-downloads', 8, 256),
    },
    engine: read.choice('engine', ['auto', 'docker', 'none'], 'auto'),
    store: read.text('store'),
    logins,
    githubToken: read.text('github-token'),
    quiet: read.boolean('quiet', false),
    summary: read.boolean('summary', true),
    notices,
  };
  refuse(read.mistakes, images);
  return settings;
}

function refuse(mistakes: readonly string[], images: readonly WantedImage[]): void {
  const bad = images.flatMap((image) => ('error' in image ? [`images: ${image.error.message}`] : []));
  if (mistakes.length === 0 && bad.length < images.length) return;
  const all = [...bad, ...mistakes];
  const reason =
    all.length === 1 ? (all[0] ?? '') : `${all.length} mistakes\n${all.map((line) => `- ${line}`).join('\n')}`;
  throw new PullError('INPUT_INVALID', 'inputs', reason, { hint: 'Nothing was pulled.' });
}

function readImages(text: string, allTags: boolean, policy: string, mistakes: string[]): WantedImage[] {
  const keys = [...new Set(splitList(text))];
  if (keys.length === 0) mistakes.push('images: is empty; write one image reference a line, such as redis:7');
  if (allTags && policy === 'never') {
    mistakes.push(
      'all-tags: asks the registry for its tags, which pull-policy: never forbids; name the tags in images',
    );
  }
  return keys.map((key) => {
    try {
      const reference = parseReference(key);
      if (allTags && (reference.tag !== undefined || reference.digest !== undefined)) {
        const found = reference.digest === undefined ? 'a tag' : 'a digest';
        const reason = `all-tags takes a repository, found ${found}; write ${repositoryPart(key)}`;
        return { key, error: new PullError('INPUT_INVALID', clean(key), reason) };
      }
      return { key, reference };
    } catch (error) {
      if (error instanceof PullError) return { key, error };
      throw error;
    }
  });
}

const repositoryPart = (key: string): string => key.replace(/@.*$/, '').replace(/:[^/:]*$/, '');

function readPlatforms(read: Reader): WantedPlatforms {
  const texts = splitList(read.text('platforms') ?? '');
  if (texts.length === 0) return 'engine';
  if (texts.includes('all')) {
    if (texts.length > 1) read.mistakes.push('platforms: all stands alone; drop the others or drop all');
    return 'all';
  }
  return read.list(splitList, 'platforms', (text) => parsePlatform(text));
}

function readLogin(read: Reader): { logins: Login[]; notices: string[] } {
  const registry = read.text('registry') ?? 'docker.io';
  const username = read.text('username');
  const password = read.text('password');
  if (username && password) return { logins: [{ registry, username, password }], notices: [] };
  if (password) read.mistakes.push('username: is empty, but password is set; give both, or neither');
  const asked = username !== undefined || read.text('registry') !== undefined;
  const notices =
    asked && !password
      ? [`No password for ${clean(registry)} (a pull request from a fork has no secrets): this login is left out.`]
      : [];
  return { logins: [], notices };
}

/** Tag globs as picomatch reads them; semver ranges and regular expressions would silently match nothing, so they are refused. */
function glob(text: string): string {
  if (/^\/.*\/[a-z]*$/.test(text) || /^[<>=~^]/.test(text) || /\s/.test(text)) {
    throw new PullError('INPUT_INVALID', clean(text), 'only globs are understood; write one such as 7.* or *-alpine');
  }
  return text;
}

/** Items of a List: one a line, `#` starts a comment, blanks and empty lines fall away. */
function splitLines(text: string): string[] {
  return trimmed(text.split('\n').map((line) => line.replace(/#.*$/, '')));
}

/** Items of a List/CSV: as a List, with commas too. */
function splitList(text: string): string[] {
  return trimmed(splitLines(text).flatMap((line) => line.split(',')));
}

const trimmed = (items: readonly string[]): string[] => items.map((item) => item.trim()).filter((item) => item !== '');

interface Reader {
  readonly mistakes: string[];
  text(name: string): string | undefined;
  boolean(name: string, fallback: boolean): boolean;
  integer(name: string, fallback: number, largest: number): number;
  choice<T extends string>(name: string, allowed: readonly T[], fallback: T): T;
  list<T>(split: (text: string) => string[], name: string, parse: (item: string) => T): T[];
}

function reader(raw: RawSettings): Reader {
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
          mistakes.push(`${name}: ${error.message}`);
          return [];
        }
      });
    },
  };
}
