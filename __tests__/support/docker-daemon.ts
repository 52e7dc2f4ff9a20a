import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DockerHost } from '../../src/engine/docker-host.ts';

/** Answers one request of the Engine API; `false` leaves it to the daemon's own ways. */
export type DaemonScript = (request: IncomingMessage, response: ServerResponse, daemon: ScriptedDaemon) => unknown;

export interface ScriptedDaemon {
  readonly host: DockerHost;
  /** What is inspected, by the name as asked. */
  readonly images: Map<string, object>;
  /** `POST /v1.41/images/load?quiet=1`, in order. */
  readonly requests: readonly string[];
  /** Bytes of the bodies that were read to their end. */
  readonly received: readonly number[];
  /** Resolves when no connection is open any more; what was not read yet is read first, else nobody would notice. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

export interface DaemonFacts {
  readonly version?: string;
  readonly apiVersion?: string;
  readonly driverStatus?: unknown;
  readonly driver?: string;
}

/** A server on a unix socket that behaves like a Docker daemon without images, where the script does not say otherwise. */
export async function scriptedDaemon(
  script: DaemonScript = () => false,
  facts: DaemonFacts = {},
): Promise<ScriptedDaemon> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dockerd-'));
  const socketPath = path.join(folder, 'docker.sock');
  const images = new Map<string, object>();
  const requests: string[] = [];
  const received: number[] = [];
  const sockets = new Set<Socket>();
  const open = new Set<IncomingMessage>();
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    open.add(request);
    try {
      if ((await script(request, response, daemon)) === false) await usual(request, response);
    } catch (error) {
      // A client that breaks off is part of the play.
      if (!request.destroyed) throw error;
    }
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('clientError', (_error, socket) => socket.destroy());

  async function usual(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { version = '20.10.24', apiVersion = '1.41', driver = 'overlay2', driverStatus = [] } = facts;
    const url = (request.url ?? '').replace(/^\/v1\.\d+/, '').replace(/\?.*/, '');
    const inspected = /^\/images\/(.+)\/json$/.exec(url)?.[1];
    if (url === '/_ping') return void response.writeHead(200, { 'Api-Version': apiVersion }).end('OK');
    if (url === '/version')
      return json(response, 200, { Version: version, ApiVersion: apiVersion, Os: 'linux', Arch: 'amd64' });
    if (url === '/info') return json(response, 200, { Driver: driver, DriverStatus: driverStatus });
    if (url === '/images/load') {
      received.push(await drained(request));
      return json(response, 200, { stream: 'Loaded image: x\n' });
    }
    if (url === '/images/json') return json(response, 200, [...images.values()]);
    const image = inspected && images.get(decodeURIComponent(inspected));
    if (image) return json(response, 200, image);
    return json(response, 404, { message: `No such image: ${inspected}` });
  }

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socketPath, resolve));
  const daemon: ScriptedDaemon = {
    host: { kind: 'socket', socketPath, from: `DOCKER_HOST=unix://${socketPath}` },
    images,
    requests,
    received,
    async quiet() {
      for (const request of open) request.resume();
      while (sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
  return daemon;
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

/** The number of bytes of a body, read to its end. */
export async function drained(request: IncomingMessage): Promise<number> {
  let size = 0;
  for await (const chunk of request) size += (chunk as Buffer).byteLength;
  return size;
}

/** Answers before the body has come, and leaves the connection open for a while, as Go's server does: else the answer could be lost. */
export function refuse(response: ServerResponse, status: number, body: unknown): void {
  response.shouldKeepAlive = true;
  json(response, status, body);
}
