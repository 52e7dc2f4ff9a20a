import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import type { DockerHost } from './docker-host.ts';

/** An answer of the Engine API; JSON bodies are parsed by whoever asked. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface DockerApi {
  /** One exchange; throws ENGINE_UNAVAILABLE if nobody answers within `timeoutMs`, and CANCELLED if the run is. Statuses are the caller's affair. */
  ask(method: 'GET' | 'POST', target: string, options?: { readonly body?: Readable; readonly timeoutMs?: number }): Promise<Answer>;
}

/** Of an answer no more than this is kept: the Engine API's own are far smaller. */
const MAX_ANSWER = 16 * 1024 * 1024;

/** The Engine API over a socket, TCP, or TCP with the client certificates of `DOCKER_CERT_PATH`. */
export function dockerApi(host: DockerHost, signal: AbortSignal): DockerApi {
  const connection = connectionOf(host);
  return {
    async ask(method, target, { body, timeoutMs = 60_000 } = {}) {
      const request = (connection.secure ? https : http).request({
        ...connection.options,
        method,
        path: target,
        headers: { Host: 'docker', ...(body ? { 'Content-Type': 'application/x-tar' } : {}) },
        signal,
      });
      request.setTimeout(timeoutMs, () => request.destroy(new Error(`no answer within ${Math.round(timeoutMs / 1000)} s`)));
      const answered = answerOf(request);
      try {
        await (body ? sendBody(body, request, answered) : request.end());
        return await answered;
      } catch (error) {
        answered.catch(() => {});
        throw unavailable(host, error, signal);
      }
    },
  };
}

/** An engine that has seen enough answers and closes before it has read everything: then its answer counts, not the broken pipe. */
async function sendBody(body: Readable, request: http.ClientRequest, answered: Promise<Answer>): Promise<void> {
  try {
    await pipeline(body, request);
  } catch (error) {
    if (body.errored && body.errored === error) throw error;
    const early = await Promise.race([answered.catch(() => undefined), new Promise<undefined>((resolve) => setTimeout(resolve, 1000, undefined))]);
    if (!early) throw error;
  }
}

function answerOf(request: http.ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.byteLength;
        if (size <= MAX_ANSWER) chunks.push(chunk);
      });
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
  });
}

function connectionOf(host: DockerHost): { readonly secure: boolean; readonly options: https.RequestOptions } {
  if (host.kind === 'socket') return { secure: false, options: { socketPath: host.socketPath } };
  const { certificates } = host;
  if (certificates === undefined) return { secure: false, options: { host: host.host, port: host.port } };
  const read = (name: string) => readFileSync(path.join(certificates, name));
  try {
    return { secure: true, options: { host: host.host, port: host.port, ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') } };
  } catch (error) {
    throw new PullError('ENGINE_UNAVAILABLE', 'Docker', `DOCKER_TLS_VERIFY is set, but the certificates in ${certificates} cannot be read`, {
      hint: 'Point DOCKER_CERT_PATH at a folder with ca.pem, cert.pem and key.pem.',
      cause: error,
    });
  }
}

function unavailable(host: DockerHost, error: unknown, signal: AbortSignal): unknown {
  if (error instanceof PullError) return error;
  if (signal.aborted) return new PullError('CANCELLED', 'Docker', 'cancelled', { cause: error });
  const { code, message } = error as NodeJS.ErrnoException;
  const denied = code === 'EACCES' || code === 'EPERM';
  const reason = denied
    ? 'permission denied'
    : code === 'ECONNREFUSED'
      ? 'connection refused: no daemon listens there'
      : code === 'ENOENT'
        ? 'no such socket'
        : clean(message);
  return new PullError('ENGINE_UNAVAILABLE', 'Docker', `${host.from}: ${reason}`, {
    hint: denied ? 'Add the user to the docker group, or set engine: none.' : 'Start the daemon, correct DOCKER_HOST, or set engine: none.',
    cause: error,
  });
}
