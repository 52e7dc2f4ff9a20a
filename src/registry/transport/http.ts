import { Agent, type Dispatcher, Pool } from 'undici';
import { cancelled, PullError } from '../../errors.ts';
import { bodyOf, takeBytes } from './body.ts';
import { networkError, type Timeouts, type Where } from './network-error.ts';
import type { HttpRequest, HttpResponse, Send } from './transport.ts';

export interface HttpOptions {
  /** Connections kept per origin: that many for blobs, and that many again for everything else. */
  readonly connections: number;
  readonly userAgent: string;
  readonly timeouts: Timeouts;
  readonly signal: AbortSignal;
}

/** The network: one exchange at a time, nothing followed, nothing retried, nothing decoded. */
export interface Http {
  readonly send: Send;
  /** Lets one origin present a certificate that nobody vouches for. */
  trust(origin: string): void;
  /** Ends every connection; what is still under way fails as cancelled. */
  close(): Promise<void>;
}

const ERROR_PAGE = 64 * 1024;
const FAMILY_ATTEMPT_MS = 1000;

/** HTTP/1.1 over kept connections; every failure is a PullError, and CANCELLED as soon as the signal is aborted. */
export function createHttp(options: HttpOptions): Http {
  const trusted = new Set<string>();
  const small = createAgent(options, trusted);
  const bulk = createAgent(options, trusted);
  return {
    send: (request) => exchange(request.limit === undefined ? bulk : small, request, options),
    trust: (origin) => {
      trusted.add(origin);
    },
    close: async () => {
      await Promise.all([small.destroy(), bulk.destroy()]);
    },
  };
}

function createAgent({ connections, timeouts }: HttpOptions, trusted: ReadonlySet<string>): Agent {
  return new Agent({
    connections,
    pipelining: 1,
    allowH2: false,
    headersTimeout: timeouts.headersMs,
    bodyTimeout: timeouts.bodyMs,
    // With Node's 250 ms a registry that is far away and has several addresses is never reached.
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: FAMILY_ATTEMPT_MS,
    factory: (origin, poolOptions) =>
      new Pool(origin, {
        ...poolOptions,
        connect: { timeout: timeouts.connectMs, rejectUnauthorized: !trusted.has(String(origin)) },
      }),
  });
}

async function exchange(agent: Agent, request: HttpRequest, options: HttpOptions): Promise<HttpResponse> {
  const { signal, timeouts, userAgent } = options;
  const { url, method, purpose } = request;
  const where: Where = { subject: purpose.repository, host: url.host, timeouts, signal };
  if (signal.aborted) throw cancelled();
  try {
    const answer = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { ...request.headers, 'user-agent': userAgent, 'accept-encoding': 'identity' },
      body: request.body ?? null,
      signal,
      // Otherwise undici ends the connection after each HEAD.
      reset: false,
    });
    const { statusCode: status, headers } = answer;
    const body = request.limit === undefined ? streamed(answer.body, where) : await whole(answer, request.limit, where);
    return { status, headers, url, body, discard: () => discard(answer.body) };
  } catch (error) {
    throw networkError(error, where);
  }
}

type Body = Dispatcher.ResponseData['body'];

async function* streamed(body: Body, where: Where): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body;
  } catch (error) {
    throw networkError(error, where);
  }
}

async function whole({ body, statusCode }: Dispatcher.ResponseData, limit: number, where: Where) {
  const ok = statusCode < 300;
  const { bytes, cut } = await takeBytes(body, ok ? limit : ERROR_PAGE);
  if (cut && ok)
    throw new PullError(
      'REGISTRY_ANSWER',
      where.subject,
      `${where.host} sent more than the ${limit} bytes that are allowed here`,
    );
  return bodyOf(bytes);
}

async function discard(body: Body): Promise<void> {
  if (!body.destroyed) await body.dump({ limit: ERROR_PAGE });
}
