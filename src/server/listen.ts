import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PullError } from '../errors.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface Place {
  /** An address of this machine, or a name of one. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

export interface Listening {
  readonly port: number;
  /** Ends the server and every connection it has. */
  close(): Promise<void>;
}

/** Clients give idle connections up sooner: after 90 seconds those of Go's library. */
const IDLE_MS = 120_000;

/**
 * Answers HTTP until it is closed, by default on a free port that this machine alone reaches; what fails ends the connection it goes over. Throws INPUT_INVALID if
 * the place is taken or not ours.
 */
export async function listen(handler: Handler, place: Place = { host: '127.0.0.1', port: 0 }): Promise<Listening> {
  // Large blobs over slow lines take their time; and who asks again over a connection just as it is given up for idle hears of a reset.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: IDLE_MS }, (request, response) => {
    handler(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(place.port, place.host, resolve),
  ).catch((cause: NodeJS.ErrnoException) => {
    throw new PullError('INPUT_INVALID', `${place.host}:${place.port}`, reasonOf(cause), {
      hint: 'Choose another port or host: --port 0 takes any port that is free.',
      cause,
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'expected a port that is free, found one where somebody listens already';
  if (code === 'EACCES') return 'expected a port this user may listen on';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return 'expected an address of this machine';
  return message;
}
