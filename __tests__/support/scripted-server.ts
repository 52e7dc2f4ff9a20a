import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SELF_SIGNED } from './self-signed.ts';

/** A request as it arrived, and how many came before it. */
export interface Recorded {
  readonly method: string;
  /** Path and query, as sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** What a POST, PUT or PATCH sent; empty for all else. */
  readonly body: string;
  readonly index: number;
}

export type Script = (request: Recorded, response: ServerResponse) => unknown;

export interface ScriptedServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  readonly requests: readonly Recorded[];
  /** The requests as lines, `HEAD /v2/a/manifests/1`. */
  lines(): string[];
  close(): Promise<void>;
}

const open = new Set<ScriptedServer>();

/** Closes every scripted server that is still open, also those of a test that failed half-way. */
export async function closeServers(): Promise<void> {
  await Promise.all([...open].map((server) => server.close()));
}

/** A server on a free port of 127.0.0.1 that does what the script says and remembers what it was asked. */
export async function scriptedServer(
  script: Script,
  { tls = false, address = '127.0.0.1', answersTls = false } = {},
): Promise<ScriptedServer> {
  const requests: Recorded[] = [];
  const listener = async (message: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = message;
    const request = { method, path: url, headers, body: '', index: requests.length };
    requests.push(request);
    try {
      if (['POST', 'PUT', 'PATCH'].includes(method)) request.body = await text(message);
      await script(request, response);
    } catch (error) {
      if (!response.headersSent) response.writeHead(500);
      response.end(`the script failed: ${error}`);
    }
  };
  const server = tls ? createTlsServer(SELF_SIGNED, listener) : createServer(listener);
  // A client that tries a handshake, or breaks off, is part of the play.
  server.on('clientError', (_error, socket) => {
    // Clients that try TLS first take these words for a sign that they may go on without.
    if (answersTls && socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, address, resolve));
  const host = `${address.includes(':') ? `[${address}]` : address}:${(server.address() as AddressInfo).port}`;
  const scripted: ScriptedServer = {
    host,
    origin: `${tls ? 'https' : 'http'}://${host}`,
    requests,
    lines: () => requests.map(({ method, path }) => `${method} ${path}`),
    close: () =>
      new Promise((resolve) => {
        open.delete(scripted);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  open.add(scripted);
  return scripted;
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
