import http from 'node:http';
import https from 'node:https';
import { newBell } from '../lib/bell.ts';
import { connectionOf } from './docker-connection.ts';
import type { DockerHost } from './docker-host.ts';
import { noAnswer, unreachable } from './docker-unreachable.ts';

/** An answer of the Engine API; JSON bodies are parsed by whoever asked. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export type Method = 'GET' | 'POST' | 'DELETE';

export interface Question {
  readonly body?: AsyncIterable<Uint8Array> | undefined;
  /** Milliseconds until the whole answer must be here; with a body, or if the answer tells of progress, milliseconds in which nothing may be sent or received. */
  readonly timeoutMs?: number | undefined;
  /** True if the daemon answers while it works. */
  readonly tellsProgress?: boolean | undefined;
  /** Ends the exchange when aborted, as the end of the run does; what is thrown then is for whoever aborted to say. */
  readonly until?: AbortSignal | undefined;
}

export interface DockerApi {
  /**
   * One exchange on a connection of its own, which is closed afterwards. Throws ENGINE_UNAVAILABLE if nobody answers in time, CANCELLED within a moment if the
   * run is, and what the body throws as it is. Statuses are the caller's affair.
   */
  ask(method: Method, target: string, question?: Question): Promise<Answer>;
}

/** Of an answer no more than this is kept, from its end: the Engine API's own are far smaller, and of progress the end counts. */
const MAX_ANSWER = 16 * 1024 * 1024;
const TIMEOUT = 60_000;

/** The Engine API over a socket, TCP, or TCP with the client certificates of `DOCKER_CERT_PATH`. */
export function dockerApi(host: DockerHost, signal: AbortSignal): DockerApi {
  const connection = connectionOf(host);
  return {
    async ask(method, target, { body, timeoutMs = TIMEOUT, tellsProgress = false, until } = {}) {
      // A connection kept for later might be closed by the daemon in the very moment it is used again.
      const options = { ...connection.options, agent: false, signal: until ?? signal, method, path: target };
      const headers = { ...connection.headers, ...(body && { 'Content-Type': 'application/x-tar' }) };
      const request = (connection.secure ? https : http).request({ ...options, headers });
      const answered = answerOf(request);
      const deadline = limit(request, timeoutMs, body !== undefined || tellsProgress);
      try {
        if (!body) request.end();
        return await (body ? Promise.race([answered, failureOf(sendBody(body, request, answered))]) : answered);
      } catch (error) {
        throw error instanceof ForeignFailure ? error.cause : unreachable(host, error, signal);
      } finally {
        clearTimeout(deadline);
        request.destroy();
      }
    },
  };
}

/** What a body threw: not a fault of the connection, so it is handed on untouched. */
class ForeignFailure extends Error {}

/** Writes until all is out. An engine that has seen enough and answers early is not sent the rest: its answer counts, not the broken pipe. */
async function sendBody(
  body: AsyncIterable<Uint8Array>,
  request: http.ClientRequest,
  answered: Promise<Answer>,
): Promise<void> {
  let over = false;
  const bell = newBell();
  const end = () => {
    over = true;
    bell.ring();
  };
  answered.then(end, end);
  request.on('drain', () => bell.ring());
  for await (const chunk of named(body)) {
    if (over) return;
    if (request.write(chunk) || over) continue;
    await bell.next();
  }
  request.end();
}

/** The chunks; an error that the iteration itself throws is marked as foreign. */
async function* named(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw new ForeignFailure('the body failed', { cause: error });
  }
}

/** Never resolves; rejects if the task does. */
const failureOf = (task: Promise<void>): Promise<never> => new Promise((_, reject) => task.catch(reject));

function answerOf(request: http.ClientRequest): Promise<Answer> {
  const answer = new Promise<Answer>((resolve, reject) => {
    request.on('error', reject);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.byteLength;
        chunks.push(chunk);
        while (size > MAX_ANSWER) size -= chunks.shift()?.byteLength ?? size;
      });
      response.on('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
  });
  // Whoever sends the body may fail first, and then nobody waits for this one.
  answer.catch(() => {});
  return answer;
}

/** Ends the request when its time is up; returns the timer of a whole exchange. */
function limit(request: http.ClientRequest, timeoutMs: number, whileSilent: boolean): NodeJS.Timeout | undefined {
  const end = () => request.destroy(noAnswer(timeoutMs));
  if (!whileSilent) return setTimeout(end, timeoutMs);
  request.setTimeout(timeoutMs, end);
  return undefined;
}
