import { STATUS_CODES } from 'node:http';
import { type Code, PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { formatAge } from '../lib/format.ts';
import { errorWords, isText, NO_WORDS, type Words } from './error-words.ts';
import { quotaIn } from './quota.ts';
import { parseRetryAfter, retryAfterInWords } from './retry-after.ts';
import { takeBytes } from './transport/body.ts';
import { type Headers, type HttpRequest, type HttpResponse, header, type Purpose } from './transport/transport.ts';

/** An answer that is an error, its body as text. */
export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Who answered. */
  readonly host: string;
  /** True if a redirect led there: then it is not the registry that speaks. */
  readonly foreign: boolean;
}

const MAX_BODY = 64 * 1024;
const PERMANENT = new Set([501, 505, 511]);
const TOO_MANY = 429;
/** 408 and 425 of the RFCs, 499 and 5xx of proxies and CDNs. */
const PASSING = new Set([408, 425, TOO_MANY, 499]);
/** What a server answers that limits connections or requests; nginx 503 unless it is told otherwise. */
const CROWDED = new Set([TOO_MANY, 503]);

/** True for a status that may be another one in a moment. */
export function isTemporaryStatus(status: number): boolean {
  return PASSING.has(status) || (status >= 500 && !PERMANENT.has(status));
}

/** The error an answer stands for; reads at most 64 KiB of its body and ends it. */
export async function failureOf(
  response: HttpResponse,
  { purpose, url }: HttpRequest,
  now: number,
): Promise<PullError> {
  const { bytes } = await takeBytes(response.body, MAX_BODY);
  await response.discard();
  const body = new TextDecoder().decode(bytes);
  const foreign = response.url.origin !== url.origin;
  const { status, headers } = response;
  return registryError({ status, headers, body, host: response.url.host, foreign }, purpose, now);
}

/** The refusal as a PullError about the repository, in Docker's words, with what the registry said and what to do about it. */
export function registryError(refusal: Refusal, purpose: Purpose, now: number): PullError {
  // A success nobody asked for, as a part of a blob, brings bytes of it: those are nobody's words.
  const isSuccess = refusal.status >= 200 && refusal.status < 300;
  const words = isSuccess ? NO_WORDS : errorWords(refusal.body);
  const code = codeOf(refusal, words, purpose);
  const temporary = code === 'TOOMANYREQUESTS' ? !isQuota(refusal, words, purpose) : isTemporaryStatus(refusal.status);
  const retryAfterMs = parseRetryAfter(header(refusal.headers, 'retry-after'), now) ?? retryAfterInWords(words.text);
  const left = code === 'TOOMANYREQUESTS' ? leftOf(refusal, purpose) : '';
  const said = left && words.text ? `${words.text.replace(/\.$/, '')}; ${left}` : left || words.text;
  const reason = reasonOf(code, refusal, purpose, said === '' ? '' : `: ${said}`);
  const crowded = temporary && CROWDED.has(refusal.status) && purpose.kind === 'blob';
  const hint = hintOf(code, purpose);
  return new PullError(code, purpose.repository, reason, { hint, temporary, crowded, retryAfterMs });
}

function codeOf({ status, foreign }: Refusal, { codes }: Words, { kind }: Purpose): Code {
  const has = (code: string) => codes.some((given) => given.toUpperCase() === code);
  if (status === TOO_MANY || has('TOOMANYREQUESTS')) return 'TOOMANYREQUESTS';
  if (isTemporaryStatus(status)) return 'UNAVAILABLE';
  if (foreign) return 'REGISTRY_ANSWER';
  if (status === 401 || has('UNAUTHORIZED')) return 'UNAUTHORIZED';
  if (status === 403 || has('DENIED')) return 'DENIED';
  if (has('NAME_UNKNOWN') || (status === 404 && kind === 'tags')) return 'NAME_UNKNOWN';
  if (has('MANIFEST_UNKNOWN') || (status === 404 && kind === 'manifest')) return 'MANIFEST_UNKNOWN';
  if (has('BLOB_UNKNOWN') || (status === 404 && kind === 'blob')) return 'BLOB_UNKNOWN';
  if (status === 405 || has('UNSUPPORTED')) return 'UNSUPPORTED';
  return 'REGISTRY_ANSWER';
}

/** What to do about words where a document should be. */
const PORTAL =
  'Did a proxy or a login portal on the way answer, instead of the registry? See what this machine gets from that host.';

/** What came instead of a document, for people: a page by its title, or the first words; and what to do about it, unless it begins as JSON does. */
export function foundInstead(bytes: Uint8Array): { readonly found: string; readonly hint: string | undefined } {
  const body = new TextDecoder().decode(bytes.subarray(0, MAX_BODY));
  const hint = isLikeJson(bytes) ? undefined : PORTAL;
  if (!isText(body)) return { found: `${bytes.byteLength} bytes that are no text`, hint };
  const words = clean(errorWords(body).text, 100);
  if (body.trimStart().startsWith('<'))
    return { found: words === '' ? 'a page' : `a page, ${JSON.stringify(words)}`, hint };
  return { found: words === '' ? 'nothing to read' : `the words ${JSON.stringify(words)}`, hint };
}

/** True if it may be an object in JSON: a page or a line of words is none. */
export const isLikeJson = (bytes: Uint8Array): boolean => bytes.find((byte) => byte > 0x20) === '{'.charCodeAt(0);

/** What it means in Docker's words, and behind that the facts: status, who answered, and what it said. */
function reasonOf(code: Code, { status, host }: Refusal, purpose: Purpose, said: string): string {
  const { kind, login, repository, target } = purpose;
  const facts = `(${status} from ${host === HUB_HOST ? 'Docker Hub' : host}${said})`;
  if (code === 'TOOMANYREQUESTS') return `too many requests ${facts}`;
  if (code === 'UNAUTHORIZED' || code === 'DENIED') {
    if (kind === 'token' && login !== undefined) return `${host} refused the login of ${login} (${status}${said})`;
    if (kind === 'login') return `${host} wants another login ${facts}`;
    const what = purpose.push ? 'push' : 'pull';
    return `${what} access denied for ${repository}, repository does not exist or may require 'docker login' ${facts}`;
  }
  if (code === 'NAME_UNKNOWN') return `repository ${repository} not found ${facts}`;
  if (purpose.push && code !== 'REGISTRY_ANSWER' && code !== 'UNAVAILABLE') return `${target} was not taken ${facts}`;
  if (code === 'MANIFEST_UNKNOWN') return `manifest for ${target} not found ${facts}`;
  if (code === 'BLOB_UNKNOWN') return `blob ${target} not found ${facts}`;
  const answer = `${status} ${STATUS_CODES[status] ?? ''}`.trim();
  return `${host} answered ${answer} to the request for ${kind === 'token' ? 'a token' : target}${said}`;
}

const HUB_HOST = 'registry-1.docker.io';

/**
 * Docker Hub's pull quota lasts for hours; its other limits, and those of other registries, pass in seconds. It says so in words, which no answer to a HEAD
 * has, or by a remainder of nothing.
 */
function isQuota({ headers }: Refusal, { text }: Words, { domain }: Purpose): boolean {
  return domain === 'docker.io' && (isUsedUp(headers) || /pull rate limit/i.test(text));
}

/** What the refusal tells of a quota, in words. */
function leftOf({ headers }: Refusal, { domain }: Purpose): string {
  const quota = quotaIn(headers, domain);
  return quota ? `${quota.remaining} of ${quota.limit} pulls left in ${formatAge(quota.windowSeconds * 1000)}` : '';
}

/** True if the headers say that nothing is left of a quota (docs.docker.com, "Pull usage and limits"). */
export function isUsedUp(headers: Headers): boolean {
  return /^0(?:;|$)/.test(header(headers, 'ratelimit-remaining')?.trim() ?? '');
}

function hintOf(code: Code, purpose: Purpose): string | undefined {
  switch (code) {
    case 'TOOMANYREQUESTS':
      return limitHint(purpose);
    case 'UNAUTHORIZED':
    case 'DENIED':
      return accessHint(purpose);
    case 'NAME_UNKNOWN':
      return 'Check the name of the repository.';
    case 'MANIFEST_UNKNOWN':
      return purpose.push ? undefined : 'Check the tag or digest; it may have been removed.';
    default:
      return undefined;
  }
}

function limitHint({ domain, login, push }: Purpose): string {
  if (push) {
    const mend = login === undefined ? `Log in to ${domain} with docker/login-action, or push` : 'Push';
    return `${mend} fewer images at a time, or with a lower max-concurrent-uploads.`;
  }
  if (domain !== 'docker.io') {
    const mend = login === undefined ? `Log in to ${domain} with docker/login-action, or pull` : 'Pull';
    return `${mend} fewer images at a time.`;
  }
  const mirrors = 'set mirrors, such as docker.io=mirror.gcr.io';
  if (login !== undefined) return `The account of ${login} has reached its limit: ${mirrors}, or wait.`;
  return `Log in with docker/login-action, for Docker Hub allows more to accounts, or ${mirrors}.`;
}

function accessHint({ domain, login, loginFrom, push, kind }: Purpose): string {
  const from = loginFrom === undefined ? '' : ` (from ${loginFrom})`;
  if (kind === 'login') return 'Check the user name, and the password or token; it may be expired.';
  if (push) {
    const job = domain === 'ghcr.io' ? ' For a package of this repository give the job `packages: write`.' : '';
    if (login === undefined)
      return `To push log in with pull-image login, docker/login-action or the inputs registry, username and password.${job}`;
    return `Check the name, and the login of ${login} to ${domain}${from}: it may be expired or lack the right to write.${job}`;
  }
  if (login !== undefined)
    return `Check the name, and the login of ${login} to ${domain}${from}: it may be expired or lack the right to read; public images need none.`;
  const job = domain === 'ghcr.io' ? ' For a package of this repository give the job `packages: read`.' : '';
  return `Check the name. If it is private, log in with docker/login-action or the inputs registry, username and password.${job}`;
}
