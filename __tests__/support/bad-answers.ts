import type { ServerResponse } from 'node:http';
import type { Digest } from '../../src/oci/digest.ts';
import { OCI_LAYER_GZIP, OCI_MANIFEST } from '../../src/oci/media-types.ts';
import type { Route } from '../../src/server/routes.ts';
import type { Instead } from './bag-registry.ts';
import type { ImageBag } from './image-builder.ts';
import { flipped } from './store-blobs.ts';

/** What somebody who wants to give our runner orders would write: each of these is a command of the runner, or hides one. */
export const ORDERS =
  '::set-output name=x::y\n##[add-mask]x\r\n \u001b[31m::error::red\u001b[0m%0A::error::z\r::add-path::/evil\u2028::stop-commands::t ##[error]mid ::warning::mid\u0000\u0007';

/** An image as its registry has it. */
export interface Wronged {
  readonly manifest: Digest;
  readonly config: Uint8Array;
  readonly layer: Uint8Array;
  readonly layerDigest: Digest;
  readonly configDigest: Digest;
}

/** Does to an answer about the image what the fault is; false where it leaves the answer alone. */
export type Fault = (route: Route, response: ServerResponse, image: Wronged, method: string) => boolean;

/** Faults in place of the answers, by the repository whose image they befall. */
export function wronging(bag: ImageBag, faults: Readonly<Record<string, Fault>>): Instead {
  return (route, response, { method }) => {
    const fault = route.kind === 'base' ? undefined : faults[route.path];
    if (!fault || route.kind === 'base') return false;
    return fault(route, response, wrongedIn(bag, route.path), method);
  };
}

function wrongedIn(bag: ImageBag, path: string): Wronged {
  const manifest = bag.catalog.find(path, '1')?.digest as Digest;
  const bytesOf = (digest: Digest) => bag.blobs.get(digest)?.bytes ?? new Uint8Array();
  const { config, layers } = JSON.parse(Buffer.from(bytesOf(manifest)).toString() || '{}');
  const [layerDigest, configDigest] = [layers?.[0]?.digest, config?.digest];
  return { manifest, layerDigest, configDigest, layer: bytesOf(layerDigest), config: bytesOf(configDigest) };
}

const aimsAtLayer = (route: Route, image: Wronged) => route.kind === 'blob' && route.digest === image.layerDigest;

/** The layer's bytes as something else makes them. */
const layer =
  (send: (response: ServerResponse, bytes: Buffer) => unknown): Fault =>
  (route, response, image) => {
    if (!aimsAtLayer(route, image)) return false;
    send(response, Buffer.from(image.layer));
    return true;
  };

/** Announced bytes that are then sent. */
const whole = (response: ServerResponse, bytes: Uint8Array) =>
  response.writeHead(200, { 'Content-Length': bytes.byteLength }).end(bytes);
/** The document under a tag or digest, with GET or HEAD; `digest` is what the header claims. */
const document =
  (bytes: Uint8Array, { mediaType = OCI_MANIFEST, digest = '' } = {}): Fault =>
  (route, response, _image, method) => {
    if (route.kind !== 'manifest') return false;
    response.writeHead(200, {
      'Content-Type': mediaType,
      'Content-Length': bytes.byteLength,
      ...(digest ? { 'Docker-Content-Digest': digest } : {}),
    });
    response.end(method === 'HEAD' ? undefined : bytes);
    return true;
  };
/** Writes the same again and again for as long as anybody reads. */
function endless(response: ServerResponse, bytes: Uint8Array): void {
  const more = () => {
    while (!response.destroyed && response.write(bytes));
  };
  response.on('drain', more);
  more();
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const refusal =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Fault =>
  (route, response, _image, method) => {
    if (route.kind !== 'manifest') return false;
    response.writeHead(status, { 'Content-Type': 'text/plain', ...headers }).end(method === 'HEAD' ? undefined : body);
    return true;
  };

/** Nobody has this digest. */
export const ABSENT = `sha256:${'0'.repeat(64)}`;
const DESCRIPTOR = { mediaType: OCI_LAYER_GZIP, digest: ABSENT, size: 1 };

const tags =
  (send: (response: ServerResponse) => unknown): Fault =>
  (route, response) => {
    if (route.kind !== 'tags') return false;
    send(response);
    return true;
  };
const sendTags = (response: ServerResponse, list: readonly string[], headers: Readonly<Record<string, string>> = {}) =>
  response.writeHead(200, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify({ tags: list }));

/** One wrong list of tags a repository. */
export const TAG_FAULTS: Readonly<Record<string, Fault>> = {
  'tags/endless': tags((response) => {
    response.writeHead(200).write('{"tags":["1"');
    endless(response, Buffer.from(',"1"'.repeat(20_000)));
  }),
  'tags/too-many': tags((response) =>
    sendTags(
      response,
      Array.from({ length: 100_001 }, (_, number) => String(number)),
    ),
  ),
  'tags/words': tags((response) => response.writeHead(200).end(ORDERS)),
  'tags/words-as-link': tags((response) =>
    sendTags(response, ['1'], { Link: '<ftp://u:p@##[add-mask]x/::set-output name=x::y>; rel="next"' }),
  ),
  'tags/words-as-tags': tags((response) => sendTags(response, [ORDERS, ...ORDERS.split(/[\r\n]+/), '1'])),
};

/** One wrong answer a repository. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'layer/flipped-bit': layer((response, bytes) => whole(response, flipped(bytes, 1000))),
  'layer/short-announced': layer((response, bytes) => whole(response, bytes.subarray(1))),
  'layer/short-unannounced': layer((response, bytes) => response.writeHead(200).end(bytes.subarray(1))),
  'layer/broken-off': layer((response, bytes) => {
    response.writeHead(200, { 'Content-Length': bytes.byteLength });
    response.write(bytes.subarray(1000), () => response.destroy());
  }),
  'layer/long-announced': layer((response, bytes) => whole(response, Buffer.concat([bytes, Buffer.from('!')]))),
  'layer/long-unannounced': layer((response, bytes) =>
    response.writeHead(200).end(Buffer.concat([bytes, Buffer.from('!')])),
  ),
  'layer/endless': layer((response, bytes) => endless(response.writeHead(200), bytes)),
  'layer/whole-elsewhere': layer((response, bytes) => whole(response, flipped(bytes, 1000))),
  'config/flipped-bit': (route, response, image) => {
    if (route.kind !== 'blob' || route.digest !== image.configDigest) return false;
    whole(response, flipped(image.config, 10));
    return true;
  },
  'manifest/one-byte-more': (route, response, image, method) => {
    if (route.kind !== 'manifest' || method !== 'GET') return false;
    const bytes = json({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: DESCRIPTOR, layers: [] });
    return document(Buffer.concat([bytes, Buffer.from('\n')]), { digest: image.manifest })(
      route,
      response,
      image,
      method,
    );
  },
  'manifest/header-names-what-is-not-there': (route, response, image, method) => {
    if (route.kind !== 'manifest' || method !== 'HEAD') return false;
    return document(new Uint8Array(), { digest: ABSENT })(route, response, image, method);
  },
  'manifest/header-names-another': document(
    json({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: DESCRIPTOR, layers: [] }),
    { digest: ABSENT },
  ),
  'manifest/hybrid': document(
    json({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: DESCRIPTOR, layers: [], manifests: [DESCRIPTOR] }),
  ),
  'manifest/huge': document(
    json({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: DESCRIPTOR,
      layers: [],
      annotations: { x: 'x'.repeat(5_000_000) },
    }),
  ),
  'manifest/endless': (route, response, _image, method) => {
    if (route.kind !== 'manifest') return false;
    response.writeHead(200, { 'Content-Type': OCI_MANIFEST });
    if (method === 'HEAD') response.end();
    else endless(response, Buffer.alloc(64_000, ' '));
    return true;
  },
  'words/of-the-spec': refusal(
    404,
    JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: ORDERS, detail: ORDERS }] }),
  ),
  'words/plain': refusal(403, ORDERS),
  'words/markup': refusal(403, `<html><title>${ORDERS}</title></html>`),
  'words/too-many': (route, response, image) => {
    if (!aimsAtLayer(route, image)) return false;
    response
      .writeHead(429, { 'Retry-After': '3600' })
      .end(JSON.stringify({ errors: [{ code: 'TOOMANYREQUESTS', message: ORDERS }] }));
    return true;
  },
  'words/as-manifest': document(Buffer.from(ORDERS)),
  'words/as-media-type': document(json({ schemaVersion: 2, mediaType: ORDERS, config: DESCRIPTOR, layers: [] }), {
    mediaType: 'application/json',
  }),
  'words/as-member': document(json({ schemaVersion: 2, [ORDERS]: 1 }), { mediaType: 'application/json' }),
  'words/as-digest': document(
    json({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: { ...DESCRIPTOR, digest: ORDERS }, layers: [] }),
  ),
  'words/as-redirect': refusal(307, '', { Location: 'ftp://u:p@x/##[add-mask]x::set-output name=x::y?::error::z' }),
  'words/as-realm': refusal(401, '', {
    'WWW-Authenticate': 'Bearer realm="ftp://##[add-mask]x::y",service="::set-output name=x::y"',
  }),
};

/** Commands of the runner's that our own output is made of. */
const OURS = /^::(?:debug|error|warning|notice|group|endgroup)(?: title=[^:]*)?::/;

/**
 * Lines that the runner would obey and that are none of ours, as it reads them: `::name::` at the start of a line, `##[name]` anywhere in one, a carriage
 * return being the end of a line too. Any other control character counts as well.
 */
export function ordersIn(output: string): string[] {
  const isOrder = (line: string) => line.includes('##[') || (line.trimStart().startsWith('::') && !OURS.test(line));
  return output
    .split(/\r\n|\r|\n/)
    .filter((line) => isOrder(line) || /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(line));
}
