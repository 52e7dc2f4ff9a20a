import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where a fault strikes. */
export type Point = 'lookup' | 'create' | 'finalize' | 'upload' | 'download';

export interface Fault {
  /** Strikes so many requests, then no more; without it, all. */
  times?: number;
  /** Before anything else. */
  readonly delayMs?: number;
  /** Never answers. */
  readonly hang?: boolean;
  /** Breaks the connection. */
  readonly reset?: boolean;
  readonly status?: number;
  readonly message?: string;
  /** Seconds, for the header. */
  readonly retryAfter?: number;
  /** Answers with a page instead of the protocol. */
  readonly page?: boolean;
  /** Of a download: so many bytes, then the connection breaks. */
  readonly truncate?: number;
  /** Of a download: bytes a second. */
  readonly rate?: number;
}

export type Faults = { [point in Point]?: Fault | undefined };

/** The fault that strikes now, if any. */
export function strike(faults: Faults, point: Point): Fault | undefined {
  const fault = faults[point];
  if (fault === undefined || fault.times === 0) return undefined;
  if (fault.times !== undefined) fault.times -= 1;
  return fault;
}

const CODES: Readonly<Record<number, string>> = {
  401: 'unauthenticated',
  403: 'permission_denied',
  429: 'resource_exhausted',
};

/** Does what the fault says; true if the request has had its answer, or never gets one. */
export async function suffer(fault: Fault, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  if (fault.delayMs) await sleep(fault.delayMs, undefined, { ref: false });
  if (fault.hang) return true;
  if (fault.reset) {
    request.socket.destroy();
    return true;
  }
  if (fault.page) {
    response.writeHead(fault.status ?? 502, { 'Content-Type': 'text/html' }).end('<html>\n::error::not ours\n</html>');
    return true;
  }
  if (fault.status === undefined) return false;
  // A body nobody reads would be taken for the next request.
  request.resume();
  const headers = fault.retryAfter === undefined ? {} : { 'Retry-After': String(fault.retryAfter) };
  response.writeHead(fault.status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify({ code: CODES[fault.status] ?? 'internal', msg: fault.message ?? 'injected' }));
  return true;
}
