import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, COLUMNS, type Column, cutAt, type Fault, type Strike, send } from './fault-registry.ts';

type Striking = Fault['strike'];

const fault = (name: string, strike: Striking, columns: readonly Column[] = COLUMNS): Fault => ({
  name,
  columns,
  strikes: 'any',
  strike,
});
const bodyFault = (name: string, strike: Striking, columns?: readonly Column[]): Fault => ({
  ...fault(name, strike, columns),
  strikes: 'get',
});
const lookUpFault = (name: string, code: string): Fault => ({ ...fault(name, () => {}), strikes: 'look-up', code });
const rangeFault = (name: string, strike: Striking): Fault => ({ ...fault(name, strike, ['blob']), strikes: 'range' });

const status =
  (code: number, headers: Record<string, string> = {}, words?: string): Striking =>
  ({ request, response }) => {
    const body = words === undefined ? '' : JSON.stringify({ errors: [{ code: 'TOOMANYREQUESTS', message: words }] });
    response.writeHead(code, headers).end(request.method === 'HEAD' ? '' : body);
  };

const redirect =
  (to: (strike: Strike) => string): Striking =>
  (strike) =>
    void strike.response.writeHead(307, { Location: to(strike), 'Content-Length': '0' }).end();

/** Writes until nobody listens any more. */
async function trickle(response: ServerResponse, bytes: Uint8Array, ms: number): Promise<void> {
  for (const byte of bytes) {
    if (response.destroyed || response.socket?.destroyed) return;
    response.write(Uint8Array.of(byte));
    await sleep(ms);
  }
  response.end();
}

async function dribble({ response }: Strike, first: string, more: string, ms: number): Promise<void> {
  const { socket } = response;
  socket?.write(first);
  while (socket && !socket.destroyed) {
    socket.write(more);
    await sleep(ms);
  }
}

const withRange = (answer: Answer, range: string | undefined): Answer => {
  const { 'Content-Range': _, ...headers } = answer.headers;
  return { ...answer, headers: range === undefined ? headers : { ...headers, 'Content-Range': range } };
};

const rangeOf = ({ headers }: Answer) => {
  const [, start = 0, end = 0, size = 0] = (
    /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['Content-Range'] ?? '') ?? []
  ).map(Number);
  return { start, end, size };
};

/** A bit that matters and that nothing but a digest could show: in a list of tags, which has none, one that breaks the JSON. */
function flipped({ column, answer }: Strike): Answer {
  const bytes = Buffer.from(answer.bytes);
  const at = column === 'tags' ? 0 : Math.floor(bytes.length / 3);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return { ...answer, bytes };
}

const cutShort = (answer: Answer): Answer => {
  const bytes = answer.bytes.subarray(0, -1);
  return { ...answer, bytes, headers: { ...answer.headers, 'Content-Length': String(bytes.length) } };
};

const oversized = (answer: Answer): Answer => {
  const bytes = Buffer.concat([answer.bytes, Buffer.from('!')]);
  return { ...answer, bytes, headers: { ...answer.headers, 'Content-Length': String(bytes.length) } };
};

const unannounced = (answer: Answer): Answer => {
  const { 'Content-Length': _, ...headers } = answer.headers;
  return { ...answer, headers };
};

/** Milliseconds between the bytes of what comes too slowly. */
const DRIP_MS = 200;
const WORDS = '<html><title>Service health check</title></html>';

/** Everything that is done to a pull, in the order of the table. */
export const FAULTS: readonly Fault[] = [
  fault('connection reset', ({ response }) => response.socket?.resetAndDestroy()),
  fault('connection closed, no answer', ({ response }) => response.socket?.destroy()),
  fault('no answer, connection open', () => {}),
  fault('slow headers, a byte at a time', (strike) => dribble(strike, 'HTTP/1.1 200 OK\r\nX-Slow: ', 'x', DRIP_MS)),
  fault('interim answers without end', (strike) => dribble(strike, '', 'HTTP/1.1 102 Processing\r\n\r\n', 20)),
  fault('not HTTP', ({ response }) => response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n')),
  bodyFault('closed mid-body', ({ response, answer }) => cutAt(response, answer, 0.5)),
  bodyFault('reset mid-body', ({ response, answer }) => cutAt(response, answer, 0.5, 'reset')),
  bodyFault('a byte, then closed', ({ response, answer }) => cutAt(response, answer, 1 / answer.bytes.length)),
  bodyFault('stall mid-body', ({ response, answer }) => {
    response.writeHead(answer.status, answer.headers);
    response.write(answer.bytes.subarray(0, answer.bytes.length / 2));
  }),
  bodyFault('trickling body', ({ response, answer }) => {
    response.writeHead(answer.status, answer.headers);
    return trickle(response, answer.bytes, DRIP_MS);
  }),
  rangeFault('200 to a range', ({ response, whole, request }) => send(request, response, whole)),
  rangeFault('200 to a range, cut as well', ({ response, whole, request, nth }) =>
    nth === 1 ? cutAt(response, whole, 0.6) : send(request, response, whole),
  ),
  rangeFault('200 with no more than the range', ({ response, answer, request }) => {
    const { 'Content-Range': _, ...headers } = answer.headers;
    send(request, response, { ...answer, status: 200, headers });
  }),
  rangeFault('206 with other bytes', (strike) => send(strike.request, strike.response, flipped(strike))),
  rangeFault('206 with another Content-Range', ({ request, response, answer }) => {
    const { start, end, size } = rangeOf(answer);
    send(request, response, withRange(answer, `bytes ${start - 1}-${end - 1}/${size}`));
  }),
  rangeFault('206 without Content-Range', ({ request, response, answer }) =>
    send(request, response, withRange(answer, undefined)),
  ),
  rangeFault('206 with another size', ({ request, response, answer }) => {
    const { start, end, size } = rangeOf(answer);
    send(request, response, withRange(answer, `bytes ${start}-${end}/${size + 1}`));
  }),
  rangeFault('206 with less than asked', ({ request, response, answer }) => {
    const { start, end, size } = rangeOf(answer);
    const bytes = answer.bytes.subarray(0, answer.bytes.length / 2);
    const headers = { ...answer.headers, 'Content-Length': String(bytes.length) };
    send(
      request,
      response,
      withRange({ ...answer, bytes, headers }, `bytes ${start}-${end - (answer.bytes.length - bytes.length)}/${size}`),
    );
  }),
  rangeFault('416', status(416)),
  ...[400, 403].map((code) =>
    bodyFault(
      `signed URL answers ${code}`,
      redirect(({ storage, request }) => `${storage}${request.path}?expired=${code}`),
      ['manifest', 'blob'],
    ),
  ),
  fault('429, wait 1 second', status(429, { 'Retry-After': '1' })),
  fault('429, wait until a date', (strike) =>
    status(429, { 'Retry-After': new Date(Date.now() + 2000).toUTCString() })(strike),
  ),
  fault('429, wait in the body', status(429, {}, 'retry-after: 985.86µs, allowed: 44000/minute')),
  fault('429, wait an hour', status(429, { 'Retry-After': '3600' })),
  fault('503, wait half a minute', status(503, { 'Retry-After': '30' })),
  fault('503, wait 55 seconds', status(503, { 'Retry-After': '55' })),
  fault('503, wait 61 seconds', status(503, { 'Retry-After': '61' })),
  ...[500, 502, 503, 504].map((code) => fault(`${code}`, status(code))),
  bodyFault('200 with a page of words', ({ request, response }) =>
    send(request, response, {
      status: 200,
      headers: { 'Content-Length': String(WORDS.length) },
      bytes: Buffer.from(WORDS),
    }),
  ),
  bodyFault('a byte too few, announced', ({ request, response, answer }) => send(request, response, cutShort(answer))),
  bodyFault('a byte too few, unannounced', ({ request, response, answer }) =>
    send(request, response, unannounced(cutShort(answer))),
  ),
  bodyFault('a byte too many, announced', ({ request, response, answer }) =>
    send(request, response, oversized(answer)),
  ),
  bodyFault('a byte too many, unannounced', ({ request, response, answer }) =>
    send(request, response, unannounced(oversized(answer))),
  ),
  bodyFault('flipped bit', (strike) => send(strike.request, strike.response, flipped(strike))),
  rangeFault('token expires mid-blob', (strike) => {
    strike.revokeTokens();
  }),
  lookUpFault('no such host', 'ENOTFOUND'),
  lookUpFault('name server does not answer', 'EAI_AGAIN'),
  fault(
    'no such host after a redirect',
    redirect(({ request }) => `http://registry.invalid${request.path}`),
  ),
  fault(
    'redirect loop',
    redirect(({ request }) => request.path),
  ),
];
