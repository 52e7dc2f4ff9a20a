import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { redactLogin } from '../lib/redact.ts';
import { type Digest, isDigest } from './digest.ts';

/** A repository of one registry: `docker.io` and `library/redis`. */
export interface Repository {
  readonly domain: string;
  readonly path: string;
}

/** A repository with a tag, a digest, or both; where both are given the digest says which bytes, the tag is a name. */
export interface Reference extends Repository {
  readonly tag?: string | undefined;
  readonly digest?: Digest | undefined;
}

const HUB = 'docker.io';
const HUB_OF_OLD = 'index.docker.io';
const OFFICIAL = 'library/';
const DEFAULT_TAG = 'latest';
/** Of the path alone: the host does not count (distribution/reference v0.6). */
const PATH_LIMIT = 255;

const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const PATH = `${COMPONENT}(?:/${COMPONENT})*`;
const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const HOST = `(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const REFERENCE = new RegExp(`^(?:(${HOST})/)?(${PATH})(?::(${TAG}))?(?:@(${DIGEST}))?$`);
const WHOLE_TAG = new RegExp(`^${TAG}$`);
const IMAGE_ID = /^[a-f0-9]{64}$/;

const FORM = 'Write name, name:tag or name@sha256:<64 hex digits>, such as redis:7 or ghcr.io/owner/image:main.';

/**
 * Text as Docker reads it (distribution/reference, ParseNormalizedNamed): `redis` is `docker.io/library/redis`, and no
 * default tag is added. Throws REFERENCE_INVALID with Docker's words for anything else, for `scratch`, and for a digest
 * that is not sha256 or sha512.
 *
 *     reference = [ host "/" ] path [ ":" tag ] [ "@" digest ]
 *     host      = ( label *( "." label ) / "[" IPv6 address "]" ) [ ":" 1*DIGIT ]
 *     label     = letters, digits and "-", a "-" neither first nor last
 *     path      = component *( "/" component )               at most 255 characters, "library/" included
 *     component = 1*( a-z / 0-9 ), joined by ".", "_", "__" or 1*"-"
 *     tag       = ( word character ) *127( word character / "." / "-" )
 *     digest    = algorithm ":" 32*( hex digit )
 *
 * What stands before the first slash is a host if it has a dot, a colon or an upper-case letter, or is `localhost`;
 * else the host is `docker.io`.
 */
export function parseReference(text: string): Reference {
  if (IMAGE_ID.test(text)) {
    const hint = 'To pull by digest write name@sha256:<64 hex digits>.';
    throw invalid(text, `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`, hint);
  }
  const { domain, rest } = splitDomain(text);
  const name = rest.split(':', 1)[0] ?? '';
  if (name !== name.toLowerCase()) {
    throw invalid(
      text,
      `invalid reference format: repository name (${clean(name, 200)}) must be lowercase`,
      'Write the name in lower case.',
    );
  }
  const [, host, path, tag, digest] = match(text, `${domain}/${rest}`);
  if (host === undefined || path === undefined) {
    throw invalid(text, `invalid reference format: ${clean(redactLogin(domain), 200)} is not a host name`, FORM);
  }
  if (path.length > PATH_LIMIT) {
    throw invalid(text, `repository name must not be more than ${PATH_LIMIT} characters`, FORM);
  }
  if (host === HUB && path === `${OFFICIAL}scratch`) {
    throw invalid(
      text,
      "'scratch' is a reserved name",
      'It stands for the empty image in a Dockerfile: there is nothing to pull.',
    );
  }
  return {
    domain: host,
    path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest: readDigest(text, digest) }),
  };
}

/** True if the text is a tag (distribution-spec v1.1, "Pulling manifests"). */
export function isTag(text: string): boolean {
  return WHOLE_TAG.test(text);
}

/** The reference with the tag `latest` where it has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: DEFAULT_TAG } : reference;
}

/**
 * The name as Docker prints it, without `docker.io/` and `library/`. As with Docker, odd Hub names lose their host that
 * way (`docker.io/a.b/c` becomes `a.b/c`): identity is what `canonicalName` says.
 */
export function familiarName(repository: Repository): string {
  if (repository.domain !== HUB) return canonicalName(repository);
  const { path } = repository;
  return path.startsWith(OFFICIAL) && !path.includes('/', OFFICIAL.length) ? path.slice(OFFICIAL.length) : path;
}

/** The reference as Docker prints it: `redis:7`, `ghcr.io/o/r:main@sha256:…`. */
export function familiarReference(reference: Reference): string {
  return familiarName(reference) + suffix(reference);
}

/** The full name, one for each repository: `docker.io/library/redis`. */
export function canonicalName(repository: Repository): string {
  return `${repository.domain}/${repository.path}`;
}

/** The full reference, which `parseReference` reads back as it was: `docker.io/library/redis:7@sha256:…`. */
export function canonicalReference(reference: Reference): string {
  return canonicalName(reference) + suffix(reference);
}

function suffix({ tag, digest }: Reference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function splitDomain(text: string): { readonly domain: string; readonly rest: string } {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const isHost = slash >= 0 && (first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase());
  const domain = !isHost || first === HUB_OF_OLD ? HUB : first;
  const rest = isHost ? text.slice(slash + 1) : text;
  return { domain, rest: domain === HUB && !rest.includes('/') ? OFFICIAL + rest : rest };
}

function match(text: string, full: string): RegExpExecArray {
  const found = REFERENCE.exec(full);
  if (found !== null) return found;
  if (REFERENCE.test(full.toLowerCase())) {
    throw invalid(text, 'repository name must be lowercase', 'Write the name in lower case.');
  }
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? 'Leave out the scheme. ' : '';
  throw invalid(text, 'invalid reference format', scheme + FORM);
}

function readDigest(text: string, digest: string): Digest {
  if (isDigest(digest)) return digest;
  const algorithm = digest.slice(0, digest.indexOf(':'));
  const lengths: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };
  const expected = Object.hasOwn(lengths, algorithm) ? lengths[algorithm] : undefined;
  if (expected === undefined) {
    throw invalid(text, `unsupported digest algorithm ${algorithm}, expected sha256 or sha512`, FORM);
  }
  const found = digest.length - algorithm.length - 1;
  const reason =
    found === expected
      ? 'invalid checksum digest format: expected lower-case hex digits'
      : `invalid checksum digest length: expected ${expected} hex digits, found ${found}`;
  throw invalid(text, reason, FORM);
}

function invalid(text: string, reason: string, hint: string): PullError {
  return new PullError('REFERENCE_INVALID', text === '' ? '""' : clean(redactLogin(text), 300), reason, { hint });
}
