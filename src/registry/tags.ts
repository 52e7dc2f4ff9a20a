import { PullError } from '../errors.ts';
import { asRecord, parseJson } from '../lib/records.ts';
import { redactUrl } from '../lib/redact.ts';
import { isTag } from '../oci/reference.ts';
import { nextLink, parseLinks, resolveLink } from './link.ts';
import { foundInstead } from './registry-error.ts';
import type { Answer, Remote } from './remote.ts';
import { takeBytes } from './transport/body.ts';
import { onceMore } from './transport/retry.ts';
import { headerValues } from './transport/transport.ts';

const PAGE_SIZE = 1000;
const MAX_PAGE_BYTES = 16 * 1024 * 1024;
const MAX_PAGES = 1000;
const MAX_TAGS = 100_000;

/**
 * Every tag of the repository once, in the registry's order (distribution-spec v1.1, "Listing Tags"); what is not a tag by its grammar is left out.
 * Pages are followed as the registry links them, on its own origin; a link seen before ends the list. Where a link leads nowhere (404), or a full page has none, the
 * registry is asked for what comes after its last tag. Throws TOO_MANY_TAGS beyond 100 000.
 */
export async function listTags(remote: Remote): Promise<readonly string[]> {
  const tags = new Set<string>();
  const seen = new Set<string>();
  let last = '';
  for (let next: Next | undefined = { at: `tags/list?n=${PAGE_SIZE}` }; next !== undefined; ) {
    const here: Next = next;
    const page = await onceMore(remote.retries, ['REGISTRY_ANSWER'], () => askPage(remote, here, last));
    if (!page) break;
    const { answer, found } = page;
    const before = tags.size;
    for (const tag of found) if (isTag(tag)) tags.add(tag);
    if (tags.size > MAX_TAGS) throw new PullError('TOO_MANY_TAGS', remote.name, `it has more than ${MAX_TAGS} tags`);
    seen.add(answer.asked.href);
    const link = nextPage(answer, remote.name);
    last = found.at(-1) ?? '';
    const isFull = found.length === PAGE_SIZE && tags.size > before;
    next = link ? { at: link } : isFull ? { at: pageAfter(last), mayBeNone: true } : undefined;
    if (link && seen.has(link.href)) break;
    if (seen.size >= MAX_PAGES) throw answerError(remote.name, answer, `more than ${MAX_PAGES} pages of tags`);
  }
  return [...tags];
}

/** A page to be asked for: its link, or what stands in for one. */
interface Next {
  readonly at: string | URL;
  /** True if nobody said that there is such a page: what is not given to us then is not there. */
  readonly mayBeNone?: boolean;
}

const pageAfter = (tag: string): string => `tags/list?n=${PAGE_SIZE}&last=${encodeURIComponent(tag)}`;

interface Page {
  readonly answer: Answer;
  /** As the registry has them. */
  readonly found: readonly string[];
}

/** Artifactory has sent links to where nothing is; of a page that may be none there is nothing then. */
async function askPage(remote: Remote, { at, mayBeNone }: Next, last: string): Promise<Page | undefined> {
  const target = `the tags of ${remote.name}`;
  const headers = { accept: 'application/json' };
  const answer = await remote.ask({ kind: 'tags', at, target, headers, limit: MAX_PAGE_BYTES });
  if (answer.status === 200) return { answer, found: await readPage(answer, remote.name) };
  const failure = await answer.failure();
  if (mayBeNone) return undefined;
  if (answer.status === 404 && typeof at !== 'string' && last !== '')
    return askPage(remote, { at: pageAfter(last) }, '');
  throw failure;
}

async function readPage(answer: Answer, subject: string): Promise<readonly string[]> {
  const { bytes } = await takeBytes(answer.body, MAX_PAGE_BYTES);
  const json = parseJson(new TextDecoder().decode(bytes));
  if (json === undefined) {
    const { found, hint } = foundInstead(bytes);
    throw answerError(subject, answer, `expected a list of tags, found ${found}`, hint);
  }
  const { tags } = asRecord(json);
  if (tags === null) return [];
  if (!Array.isArray(tags)) throw answerError(subject, answer, 'expected a list of tags, found other JSON');
  return tags.filter((tag) => typeof tag === 'string');
}

/** The next page, if any. An error rather than the end of the list where the link cannot be followed, for tags would be missing. */
function nextPage(answer: Answer, subject: string): URL | undefined {
  const { links, malformed } = parseLinks(headerValues(answer.headers, 'link'));
  const target = nextLink(links);
  if (target === undefined && !malformed) return undefined;
  const url = target === undefined ? undefined : resolveLink(target, answer.asked);
  if (!url) throw answerError(subject, answer, 'the Link to the next page of tags is malformed');
  if (url.origin === answer.asked.origin) return url;
  const reason = `the next page of tags is not asked for: ${answer.asked.host} links to another origin, ${redactUrl(url)}`;
  throw new PullError('REDIRECT_REFUSED', subject, reason);
}

function answerError(subject: string, { url }: Answer, reason: string, hint?: string): PullError {
  return new PullError('REGISTRY_ANSWER', subject, `${url.host}: ${reason}`, { hint });
}
