import { createHmac, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import type { Fault } from './faults.ts';
import { copy, paceOf, type Shape } from './shaping.ts';

interface Part {
  readonly file: string;
  readonly size: number;
}

/** The blob storage behind signed URLs: single PUTs, blocks with a block list, and ranges. Bytes lie in files, so that memory tells of the client alone. */
export class Blobs {
  readonly #folder: string;
  readonly #secret = randomBytes(16);
  readonly #blobs = new Map<string, readonly Part[]>();
  readonly #blocks = new Map<string, Part>();
  #files = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Path and query of a URL that lets its holder read, or write, this blob. */
  signed(id: string, right: 'r' | 'w'): string {
    return `/blobs/${id}?se=2099-01-01&sp=${right}&sig=${encodeURIComponent(this.#signature(id, right))}`;
  }

  /** Undefined until its upload is complete. */
  size(id: string): number | undefined {
    return this.#blobs.get(id)?.reduce((sum, { size }) => sum + size, 0);
  }

  async put(id: string, bytes: Uint8Array): Promise<void> {
    const file = this.#file();
    await writeFile(file, bytes);
    this.#blobs.set(id, [{ file, size: bytes.byteLength }]);
  }

  /** Answers one request; gives the bytes of the blob that came in or went out. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    shape: Shape,
    fault: Fault | undefined,
  ): Promise<number> {
    const url = new URL(request.url ?? '', 'http://blobs');
    const id = url.pathname.replace('/blobs/', '');
    const writes = request.method === 'PUT';
    if (url.searchParams.get('sig') !== this.#signature(id, writes ? 'w' : 'r')) {
      request.resume();
      return xml(response, 403, 'AuthenticationFailed');
    }
    return writes ? this.#take(id, url, request, response, shape) : this.#give(id, request, response, shape, fault);
  }

  async #take(id: string, url: URL, request: IncomingMessage, response: ServerResponse, shape: Shape): Promise<number> {
    const file = this.#file();
    const size = await copy(request, createWriteStream(file), paceOf(request.socket, shape.connectionRate));
    if (!request.complete) return size;
    const block = url.searchParams.get('blockid');
    if (url.searchParams.get('comp') === 'blocklist') {
      let text = '';
      for await (const chunk of createReadStream(file, 'utf8')) text += chunk;
      const named = [...text.matchAll(/<Latest>([^<]+)<\/Latest>/g)].map((match) =>
        this.#blocks.get(`${id} ${match[1]}`),
      );
      const parts = named.filter((part) => part !== undefined);
      if (parts.length !== named.length) return xml(response, 400, 'InvalidBlockList');
      this.#blobs.set(id, parts);
    } else if (block !== null) {
      this.#blocks.set(`${id} ${block}`, { file, size });
    } else {
      this.#blobs.set(id, [{ file, size }]);
    }
    response.writeHead(201, { ETag: '"1"', 'x-ms-request-id': '1' }).end();
    return size;
  }

  async #give(
    id: string,
    request: IncomingMessage,
    response: ServerResponse,
    shape: Shape,
    fault: Fault | undefined,
  ): Promise<number> {
    const total = this.size(id);
    if (total === undefined) return xml(response, 404, 'BlobNotFound');
    const asked = request.headers['x-ms-range'] ?? request.headers.range;
    const range = /^bytes=(\d+)-(\d*)$/.exec(typeof asked === 'string' ? asked : '');
    const start = Number(range?.[1] ?? 0);
    const end = Math.min(Number(range?.[2] || total - 1), total - 1);
    if (start > end && total > 0) return xml(response, 416, 'InvalidRange');
    response.writeHead(range ? 206 : 200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': end - start + 1,
      'Last-Modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
      ETag: '"1"',
      'x-ms-blob-type': 'BlockBlob',
      ...(range ? { 'Content-Range': `bytes ${start}-${end}/${total}` } : {}),
    });
    if (request.method === 'HEAD') {
      response.end();
      return 0;
    }
    const last = fault?.truncate === undefined ? end : Math.min(end, start + fault.truncate - 1);
    const pace = paceOf(request.socket, fault?.rate ?? shape.connectionRate);
    const sent = await copy(this.#bytes(id, start, last), response, pace, { end: false });
    if (last < end) request.socket.destroySoon();
    else response.end();
    return sent;
  }

  async *#bytes(id: string, start: number, end: number): AsyncGenerator<Buffer, void, undefined> {
    let at = 0;
    for (const { file, size } of this.#blobs.get(id) ?? []) {
      const from = Math.max(start - at, 0);
      const to = Math.min(end - at, size - 1);
      if (from <= to) yield* createReadStream(file, { start: from, end: to, highWaterMark: 256 * 1024 });
      at += size;
    }
  }

  #file(): string {
    this.#files += 1;
    return path.join(this.#folder, String(this.#files));
  }

  #signature(id: string, right: 'r' | 'w'): string {
    return createHmac('sha256', this.#secret).update(`${id} ${right}`).digest('base64');
  }
}

function xml(response: ServerResponse, status: number, code: string): number {
  response.writeHead(status, { 'Content-Type': 'application/xml', 'x-ms-error-code': code });
  response.end(`<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
  return 0;
}
