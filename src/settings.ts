import { PullError } from './errors.ts';
import { clean } from './lib/clean.ts';
import { type Platform, parsePlatform } from './oci/platform.ts';
import { readImages, type WantedImage } from './settings/images.ts';
import { type Login, type ReadYaml, readLogins } from './settings/logins.ts';
import { type Mirror, readInsecureRegistries, readMirrors } from './settings/networks.ts';
import { type RawSettings, type Reader, reader, splitLines, splitList } from './settings/reader.ts';

export type { WantedImage } from './settings/images.ts';
export type { Login, ReadYaml } from './settings/logins.ts';
export type { Mirror } from './settings/networks.ts';
export type { RawSettings } from './settings/reader.ts';

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
  /** Whether the last known digest of a tag serves where the registry cannot be asked. */
  readonly onRegistryError: 'use-cache' | 'fail';
  /** Downloads at once from one registry. */
  readonly concurrency: number;
}

export interface Settings {
  readonly request: PullRequest;
  readonly engine: 'auto' | 'docker' | 'none';
  readonly store: string | undefined;
  /** Bytes beyond which the least recently used images are swept. */
  readonly storeMaxSize: number;
  readonly cache: 'auto' | 'true' | 'read-only' | 'false';
  /** Bytes that one run saves at most. */
  readonly cacheMaxSave: number;
  readonly logins: readonly Login[];
  readonly githubToken: string | undefined;
  readonly mirrors: readonly Mirror[];
  /** Hosts, `host:port` and CIDRs that may do without TLS, or without a certificate that somebody vouches for. */
  readonly insecureRegistries: readonly string[];
  readonly quiet: boolean;
  readonly summary: boolean;
  /** Facts about the inputs worth a notice. */
  readonly notices: readonly string[];
}

/**
 * Settings out of raw text, with the defaults of `action.yml`. Throws one INPUT_INVALID that lists every mistake; only where `images` holds good and bad
 * references side by side do the bad ones become failures of their own, so that the others are still pulled. Inputs in YAML need a reader of it.
 */
export function parseSettings(raw: RawSettings, readYaml: ReadYaml = noYaml): Settings {
  const read = reader(raw);
  const allTags = read.boolean('all-tags', false);
  const policy = read.choice('pull-policy', ['always', 'missing', 'never'], 'always');
  const images = readImages(raw.images ?? '', allTags, policy, read.mistakes);
  const tags = read.list(splitLines, 'tags', glob);
  if (tags.length > 0 && !allTags) read.mistakes.push('tags: narrows all-tags, which is off; add all-tags: true');
  const { logins, notices } = readLogins(read, readYaml);
  const settings: Settings = {
    request: {
      images,
      platforms: readPlatforms(read),
      allTags,
      tags,
      maxTags: read.integer('max-tags', 50, 100_000),
      policy,
      onRegistryError: read.choice('on-registry-error', ['use-cache', 'fail'], 'use-cache'),
      concurrency: read.integer('max-concurrent-downloads', 8, 256),
    },
    engine: read.choice('engine', ['auto', 'docker', 'none'], 'auto'),
    store: read.text('store'),
    storeMaxSize: read.size('store-max-size', 20e9),
    cache: read.choice('cache', ['auto', 'true', 'read-only', 'false'], 'auto'),
    cacheMaxSave: read.size('cache-max-save', 2e9),
    logins,
    githubToken: read.text('github-token'),
    mirrors: readMirrors(read),
    insecureRegistries: readInsecureRegistries(read),
    quiet: read.boolean('quiet', false),
    summary: read.boolean('summary', true),
    notices,
  };
  refuse(read.mistakes, images);
  return settings;
}

const noYaml: ReadYaml = (_, subject) => {
  throw new PullError('INPUT_INVALID', subject, 'YAML is not read here');
};

/** A mistake with what to write instead, where that is known. */
const withHint = ({ message, hint }: PullError): string => (hint === undefined ? message : `${message}. ${hint}`);

function refuse(mistakes: readonly string[], images: readonly WantedImage[]): void {
  const bad = images.flatMap((image) => ('error' in image ? [`images: ${withHint(image.error)}`] : []));
  if (mistakes.length === 0 && bad.length < images.length) return;
  const all = [...bad, ...mistakes];
  const reason =
    all.length === 1 ? (all[0] ?? '') : `${all.length} mistakes\n${all.map((line) => `- ${line}`).join('\n')}`;
  throw new PullError('INPUT_INVALID', 'inputs', reason, { hint: 'Nothing was pulled.' });
}

function readPlatforms(read: Reader): WantedPlatforms {
  const texts = splitList(read.text('platforms') ?? '');
  if (texts.length === 0) return 'engine';
  if (texts.includes('all')) {
    if (texts.length > 1) read.mistakes.push('platforms: all stands alone; drop the others or drop all');
    return 'all';
  }
  return read.list(splitList, 'platforms', (text) => parsePlatform(text));
}

/** Tag globs as picomatch reads them; semver ranges and regular expressions would silently match nothing, so they are refused. */
function glob(text: string): string {
  if (/^\/.*\/[a-z]*$/.test(text) || /^[<>=~^]/.test(text) || /\s/.test(text) || /[/<>=~]|^!$/.test(text)) {
    throw new PullError('INPUT_INVALID', clean(text), 'only globs are understood; write one such as 7.* or *-alpine');
  }
  return text;
}
