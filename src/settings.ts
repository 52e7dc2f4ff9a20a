import { PullError } from './errors.ts';
import { type Platform, parsePlatform } from './oci/platform.ts';
import type { Lock } from './outcome.ts';
import { type Found, NOTHING_FOUND } from './settings/found.ts';
import { joinImages, readImages, type WantedImage } from './settings/images.ts';
import { type LockSettings, lockImage, mend, notIn, readLock } from './settings/locked.ts';
import { type Login, type ReadYaml, readLogins } from './settings/logins.ts';
import { type Mirror, readInsecureRegistries, readMirrors } from './settings/networks.ts';
import { type RawSettings, type Reader, reader, splitLines, splitList } from './settings/reader.ts';

export type { OwnPlatforms, WantedImage } from './settings/images.ts';
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
  /** Whether the attestations of several chosen platforms come along into the store. */
  readonly attestations?: boolean | undefined;
  readonly allTags: boolean;
  /** Globs, version ranges and `/expressions/` that narrow `allTags`; empty takes every tag. */
  readonly tags: readonly string[];
  readonly maxTags: number;
  readonly policy: 'always' | 'missing' | 'never';
  /** Whether the last known digest of a tag serves where the registry cannot be asked. */
  readonly onRegistryError: 'use-cache' | 'fail';
  /** Downloads at once from one registry. */
  readonly concurrency: number;
  /** The lock file to be obeyed: references of `images` have its digests already, `allTags` takes its tags. */
  readonly lock?: Lock | undefined;
  /** Whether the outcome is to say what a lock file holds. */
  readonly updatesLock?: boolean | undefined;
}

export interface Settings {
  readonly request: PullRequest;
  readonly lockFile?: LockSettings | undefined;
  readonly engine: 'auto' | 'docker' | 'podman' | 'containerd' | 'none';
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
 * references side by side do the bad ones become failures of their own, so that the others are still pulled. `found` is what was read from disk for them;
 * inputs in YAML need a reader of it.
 */
export function parseSettings(raw: RawSettings, found: Found = NOTHING_FOUND, readYaml: ReadYaml = noYaml): Settings {
  const read = reader(raw);
  const allTags = read.boolean('all-tags', false);
  const policy = read.choice('pull-policy', ['always', 'missing', 'never'], 'always');
  const onRegistryError = read.choice('on-registry-error', ['use-cache', 'fail'], 'use-cache');
  const listed = readImages(raw.images ?? '', allTags, policy, read.mistakes);
  const tags = splitLines(raw.tags ?? '');
  if (tags.length > 0 && !allTags) read.mistakes.push('tags: narrows all-tags, which is off; add all-tags: true');
  read.mistakes.push(...found.mistakes);
  const lockFile = readLock(read, raw, found, policy);
  const lock = lockFile?.update ? undefined : lockFile && found.lock;
  const joined = joinImages(listed, found.images, allTags);
  const images = lock ? joined.map((image) => lockImage(image, lock, allTags, mend(raw, notIn(joined, lock)))) : joined;
  if (images.length === 0 && found.mistakes.length === 0) read.mistakes.push(noImages(raw));
  const { logins, notices } = readLogins(read, readYaml);
  const settings: Settings = {
    request: {
      images,
      platforms: readPlatforms(read),
      allTags,
      tags,
      maxTags: read.integer('max-tags', 50, 100_000),
      // A lock file holds what registries say now, nothing older and nothing nearer.
      policy: lockFile?.update ? 'always' : policy,
      onRegistryError: lockFile?.update ? 'fail' : onRegistryError,
      concurrency: read.integer('max-concurrent-downloads', 8, 256),
      lock,
      updatesLock: lockFile?.update,
    },
    lockFile,
    engine: read.choice('engine', ['auto', 'docker', 'podman', 'containerd', 'none'], 'auto'),
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

/** What a client of registries is told of networks and logins. */
export type Access = Pick<Settings, 'logins' | 'githubToken' | 'mirrors' | 'insecureRegistries'> & {
  /** Downloads at once from one registry. */
  readonly concurrency: number;
};

/** As `parseSettings`, for those who ask for no image: what registries are reached by, and what is worth a notice about that. */
export function parseAccess(raw: RawSettings, readYaml: ReadYaml = noYaml): Access & Pick<Settings, 'notices'> {
  const read = reader(raw);
  const access = {
    ...readLogins(read, readYaml),
    githubToken: read.text('github-token'),
    mirrors: readMirrors(read),
    insecureRegistries: readInsecureRegistries(read),
    concurrency: read.integer('max-concurrent-downloads', 8, 256),
  };
  if (read.mistakes.length > 0) refuse(read.mistakes, []);
  return access;
}

const noYaml: ReadYaml = (_, subject) => {
  throw new PullError('INPUT_INVALID', subject, 'YAML is not read here');
};

/** A mistake with what to write instead, where that is known. */
const withHint = ({ message, hint }: PullError): string => (hint === undefined ? message : `${message}. ${hint}`);

function refuse(mistakes: readonly string[], images: readonly WantedImage[]): void {
  const bad = images.flatMap((image) =>
    'error' in image ? [`${image.input ?? 'images'}: ${withHint(image.error)}`] : [],
  );
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

function noImages(raw: RawSettings): string {
  if (!raw.files?.trim()) return 'images: is empty; write one image reference a line, such as redis:7';
  return 'files: name no image to be pulled, and images is empty; name one there, such as redis:7';
}
