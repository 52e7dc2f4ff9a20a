import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Descriptor } from '../oci/descriptor.ts';
import type { BlobSource } from '../ports.ts';
import { rangeOf } from './range.ts';

/** Answers GET and HEAD of a blob or manifest, whole or the one range that was asked for (distribution-spec v1.1, "Pull"). Throws what the blob throws. */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  blob: Descriptor,
  { blobs, type }: { readonly blobs: BlobSource; readonly type: string },
): Promise<void> {
  const { digest, size } = blob;
  const range = request.method === 'GET' ? rangeOf(request.headers.range, size) : undefined;
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${size}`);
    return refuse(response, 416, 'RANGE_INVALID', `the blob has ${size} bytes`);
  }
  const headers = { 'Content-Type': type, 'Docker-Content-Digest': digest, 'Accept-Ranges': 'bytes' };
  if (range) {
    const { start, end } = range;
    const part = { 'Content-Length': end - start, 'Content-Range': `bytes ${start}-${end - 1}/${size}` };
    response.writeHead(206, { ...headers, ...part });
  } else {
    response.writeHead(200, { ...headers, 'Content-Length': size });
  }
  if (request.method === 'HEAD') return void response.end();
  // The first bytes may be long in coming, and clients give up on an answer that does not begin.
  response.flushHeaders();
  await pipeline(Readable.from(blobs.open(blob, range), { objectMode: false }), response);
}

/** Answers with JSON. */
export function json(response: ServerResponse, body: unknown, status = 200, headers: OutgoingHttpHeaders = {}): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), ...headers })
    .end(text);
}

/** Answers with an error (distribution-spec v1.1, "Error Codes"). */
export const refuse = (response: ServerResponse, status: number, code: string, message: string): void =>
  json(response, { errors: [{ code, message }] }, status);
