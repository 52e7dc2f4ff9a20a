import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { parseReference, type Reference } from '../oci/reference.ts';
import { parseSettings, type Settings } from '../settings.ts';
import type { Found } from './found.ts';
import type { ReadYaml } from './logins.ts';
import { type RawSettings, reader, splitList } from './reader.ts';

/** Where images are pushed to: a repository, with a tag or with that of each image; or a prefix that their paths are put behind. */
export type Destination =
  | { readonly domain: string; readonly path: string; readonly tag?: string | undefined; readonly prefix?: undefined }
  | { readonly domain: string; readonly prefix: string };

/** What to push, and how. */
export interface PushSettings {
  /** How the images come into the store first; those that are there already, if its policy is `never`. */
  readonly pull: Settings;
  readonly destinations: readonly Destination[];
  /** Uploads at once to one registry. */
  readonly uploads: number;
  /** The most bytes of one request; a whole blob if absent. */
  readonly chunkBytes: number | undefined;
}

/**
 * Settings of a push out of raw text: those of a pull without an engine, of every platform unless some are named, and where to. Throws INPUT_INVALID with all mistakes of
 * the one or the other.
 */
export function parsePushSettings(raw: RawSettings, found?: Found, readYaml?: ReadYaml): PushSettings {
  const read = reader(raw);
  const destinations = read.list(splitList, 'to', parseDestination);
  const uploads = read.integer('max-concurrent-uploads', 5, 256);
  const chunkBytes = read.size('chunk-size', 0, LEAST_CHUNK) || undefined;
  const pull = pullOf({ ...raw, platforms: raw.platforms?.trim() || 'all', engine: 'none' }, found, readYaml);
  const tagged = destinations.find((destination) => destination.prefix === undefined && destination.tag !== undefined);
  if (tagged && (pull.request.allTags || pull.request.images.length > 1))
    read.mistakes.push('to: a destination with a tag takes one image; leave out the tag to keep those of the images');
  const [first, ...others] = read.mistakes;
  if (first === undefined) return { pull, destinations, uploads, chunkBytes };
  const reason =
    others.length === 0
      ? first
      : `${read.mistakes.length} mistakes\n${read.mistakes.map((line) => `- ${line}`).join('\n')}`;
  throw new PullError('INPUT_INVALID', 'inputs', reason, { hint: NOTHING });
}

/** As of a pull, with what describes the images, and but for what has not been done where they are wrong. */
function pullOf(...of: Parameters<typeof parseSettings>): Settings {
  try {
    const settings = parseSettings(...of);
    return { ...settings, request: { ...settings.request, attestations: true } };
  } catch (error) {
    if (!(error instanceof PullError)) throw error;
    throw new PullError(error.code, error.subject, error.reason, { hint: NOTHING });
  }
}

/** Each chunk costs a round trip. */
const LEAST_CHUNK = 64_000;
const NOTHING = 'Nothing was pushed.';

function parseDestination(text: string): Destination {
  if (text.endsWith('/')) {
    const { domain, path } = prefixOf(text);
    return { domain, prefix: path.slice(0, -BELOW.length) };
  }
  const { domain, path, tag, digest } = parseReference(text);
  if (/^([^/:]*\.[^/:]*|localhost)(:[^/]*)?$/.test(text)) {
    // As the name of an image it is one of Docker Hub, which nobody means.
    const hint = `End it with / to have the paths of the images behind it: ${clean(text)}/`;
    throw new PullError('INPUT_INVALID', clean(text), 'is a registry without a repository', { hint });
  }
  if (digest === undefined) return { domain, path, tag };
  const reason = 'a destination has no digest: what is pushed has the digest it has';
  throw new PullError('INPUT_INVALID', clean(text), reason, { hint: `Write ${clean(text.replace(/@.*$/, ''))}.` });
}

const BELOW = 'x/x';

/** A name below it says whether the prefix is one. */
function prefixOf(text: string): Reference {
  try {
    return parseReference(`${text}${BELOW}`);
  } catch (error) {
    if (!(error instanceof PullError)) throw error;
    const hint = 'Write a registry, and perhaps the beginning of a path, such as ghcr.io/org/mirror/.';
    throw new PullError(error.code, clean(text), error.reason, { hint });
  }
}
