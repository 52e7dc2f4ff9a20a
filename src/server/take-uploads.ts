import { randomUUID } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { PullError } from '../errors.ts';
import { type Digest, parseDigest } from '../oci/digest.ts';
import type { StoreContents, Upload } from '../ports/store-contents.ts';
import { Refusal } from './refusal.ts';
import type { Told } from './told.ts';

/** Takes blobs (distribution-spec v1.1, "Pushing blobs"): in one request, in chunks, or from another repository. */
export interface Uploads {
  begin(request: IncomingMessage, response: ServerResponse, path: string, query: URLSearchParams): Promise<void>;
  /** PATCH, PUT, GET and DELETE of an upload that has begun; 404 BLOB_UPLOAD_UNKNOWN for any other. */
  go(
    request: IncomingMessage,
    response: ServerResponse,
    at: { readonly path: string; readonly id: string; readonly query: URLSearchParams },
  ): Promise<void>;
  /** Cancels every upload, and those that begin later. */
  end(): Promise<void>;
}

/** The uploads of one server; those nobody ends go with it, or when the store is opened an hour after their last byte. */
export function uploadsInto(contents: StoreContents, told: Pick<Told, 'keep' | 'over' | 'sizeOf'>): Uploads {
  const open = new Map<string, Upload>();
  const unfinished = new Set<Upload>();
  let ended = false;

  async function start(): Promise<Upload> {
    const upload = await contents.upload();
    unfinished.add(upload);
    if (ended) await cancel(upload);
    return upload;
  }

  async function cancel(upload: Upload): Promise<void> {
    await upload.cancel();
    unfinished.delete(upload);
  }

  async function finish(response: ServerResponse, path: string, id: string, upload: Upload, digest: Digest) {
    open.delete(id);
    try {
      // Before it is here: it may be one that another name loses.
      await told.keep(path, digest);
      await upload.keep(digest);
      unfinished.delete(upload);
    } catch (error) {
      await told.over(path, [digest]);
      await cancel(upload);
      throw error;
    }
    created(response, path, digest);
  }

  /** What a sweep took away is no upload any more. */
  const sweptIs404 = (id: string) => (error: unknown) => {
    if (!(error instanceof PullError) || error.code !== 'BLOB_UNKNOWN') throw error;
    open.delete(id);
    throw unknown();
  };

  return {
    async begin(request, response, path, query) {
      const [mount, whole] = [query.get('mount'), query.get('digest')];
      if (mount !== null && (await told.sizeOf(path, parseDigest(mount))) !== undefined)
        return created(response, path, parseDigest(mount));
      const digest = whole === null ? undefined : parseDigest(whole);
      const upload = await start();
      const id = randomUUID();
      if (digest === undefined) {
        open.set(id, upload);
        return empty(response, 202, stateOf(path, id, upload));
      }
      await take(request, upload).catch(async (error) => {
        await cancel(upload);
        throw error;
      });
      await finish(response, path, id, upload, digest);
    },

    async go(request, response, { path, id, query }) {
      const upload = open.get(id);
      if (!upload) throw unknown();
      const state = () => stateOf(path, id, upload);
      if (request.method === 'GET' || request.method === 'HEAD') {
        if (!(await upload.exists())) throw unknown();
        return empty(response, 204, state());
      }
      if (request.method === 'DELETE') {
        open.delete(id);
        await cancel(upload);
        return empty(response, 204);
      }
      // Read before the body: what is wrong with a request shall not cost the upload its bytes.
      const digest = request.method === 'PUT' ? parseDigest(query.get('digest') ?? '') : undefined;
      if (!(await take(request, upload).catch(sweptIs404(id))))
        throw new Refusal(416, 'BLOB_UPLOAD_INVALID', `expected the bytes from ${upload.size} on`, state());
      if (digest === undefined) return empty(response, 202, state());
      await finish(response, path, id, upload, digest).catch(sweptIs404(id));
    },

    async end() {
      ended = true;
      await Promise.all([...unfinished].map(cancel));
    },
  };
}

const unknown = () =>
  new Refusal(404, 'BLOB_UPLOAD_UNKNOWN', 'no such upload: it has ended, was left alone for an hour, or never began');

const RANGE = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/(?:\d+|\*))?$/;

/** False if the chunk does not begin where the upload ends. Throws SIZE_MISMATCH if it is longer or shorter than it says, and nothing of it is kept. */
async function take(request: IncomingMessage, upload: Upload): Promise<boolean> {
  const header = request.headers['content-range'];
  if (header === undefined) return upload.append(request);
  const [, first, last] = RANGE.exec(header) ?? [];
  const [start, end] = [Number(first ?? Number.NaN), Number(last ?? Number.NaN)];
  const length = request.headers['content-length'];
  if (!(start <= end) || (length !== undefined && Number(length) !== end - start + 1))
    throw new Refusal(400, 'SIZE_INVALID', 'Content-Range: expected <first>-<last> as long as Content-Length says');
  return upload.append(request, start, end - start + 1);
}

function stateOf(path: string, id: string, { size }: Upload): OutgoingHttpHeaders {
  return {
    Location: `/v2/${path}/blobs/uploads/${id}`,
    Range: `0-${Math.max(0, size - 1)}`,
    'Docker-Upload-UUID': id,
  };
}

const created = (response: ServerResponse, path: string, digest: Digest): void =>
  empty(response, 201, { Location: `/v2/${path}/blobs/${digest}`, 'Docker-Content-Digest': digest });

function empty(response: ServerResponse, status: number, headers: OutgoingHttpHeaders = {}): void {
  response.writeHead(status, status === 204 ? headers : { 'Content-Length': 0, ...headers }).end();
}
