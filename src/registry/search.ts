import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { asRecord, parseJson } from '../lib/records.ts';
import { type ClientOptions, createClient } from './client.ts';
import { failureOf } from './registry-error.ts';
import { takeBytes } from './transport/body.ts';
import { redirect } from './transport/redirect.ts';
import { retry } from './transport/retry.ts';
import { compose, type HttpRequest } from './transport/transport.ts';

/** A repository that was found. */
export interface SearchResult {
  readonly name: string;
  readonly description: string;
  readonly stars: number;
  readonly isOfficial: boolean;
}

export interface Search {
  readonly term: string;
  /** From 1 to 100. */
  readonly limit: number;
  /** Only official ones, or only others. */
  readonly isOfficial?: boolean | undefined;
  /** Only what has at least so many. */
  readonly stars?: number | undefined;
  /** What is asked; Docker Hub by default. */
  readonly index?: URL | undefined;
}

/** The only index that is still there; Docker asks it too. */
const HUB_INDEX = 'https://index.docker.io/';
const MAX_ANSWER = 4 * 1024 * 1024;

/**
 * What Docker Hub finds, in its order, at most `limit` before the filters, as with `docker search`. Throws UNREACHABLE or UNAVAILABLE if it cannot be asked, REGISTRY_ANSWER if
 * what it says is no list.
 */
export async function searchIndex(search: Search, options: ClientOptions): Promise<readonly SearchResult[]> {
  const { term, limit, isOfficial, stars = 0, index } = search;
  const { network, retries } = createClient(options);
  const base = index ?? new URL(HUB_INDEX);
  const url = new URL('v1/search', base.href.endsWith('/') ? base : `${base.href}/`);
  url.searchParams.set('q', term);
  url.searchParams.set('n', String(limit));
  const name = index ? base.host : 'Docker Hub';
  const purpose = {
    kind: 'search',
    domain: base.host,
    repository: name,
    target: `search ${clean(term, 100)}`,
  } as const;
  const request: HttpRequest = {
    method: 'GET',
    url,
    headers: { accept: 'application/json' },
    purpose,
    limit: MAX_ANSWER,
  };
  try {
    const answer = await compose(retry(retries), redirect())(network.send)(request);
    if (answer.status !== 200) throw await failureOf(answer, request, retries.now());
    const { bytes } = await takeBytes(answer.body, MAX_ANSWER);
    return readResults(new TextDecoder().decode(bytes), name)
      .slice(0, limit)
      .filter((found) => (isOfficial === undefined || found.isOfficial === isOfficial) && found.stars >= stars);
  } catch (error) {
    if (!(error instanceof PullError) || error.code !== 'UNREACHABLE') throw error;
    const hint = `Only ${name} can be searched, and not without a connection to ${base.host}; behind a proxy set HTTPS_PROXY.`;
    throw new PullError('UNREACHABLE', error.subject, error.reason, { hint, cause: error });
  } finally {
    await network.close();
  }
}

function readResults(text: string, name: string): readonly SearchResult[] {
  const { results } = asRecord(parseJson(text));
  if (!Array.isArray(results))
    throw new PullError(
      'REGISTRY_ANSWER',
      name,
      `expected a list of results, found ${JSON.stringify(clean(text, 100))}`,
    );
  return results.flatMap((result: Record<string, unknown> | null) => {
    const { name: found, description, star_count: stars, is_official: isOfficial } = result ?? {};
    if (typeof found !== 'string') return [];
    const words = typeof description === 'string' ? clean(description, 1000) : '';
    return { name: clean(found, 300), description: words, stars: Number(stars) || 0, isOfficial: isOfficial === true };
  });
}
