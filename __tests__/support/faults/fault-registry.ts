import type dns from 'node:dns';
import type { ServerResponse } from 'node:http';
import { digestOf } from '../../../src/oci/digest.ts';
import { OCI_CONFIG, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../../src/oci/media-types.ts';
import { routeOf } from '../../../src/server/routes.ts';
import { layerOf } from '../image-builder.ts';
import { namesOf } from '../names.ts';
import { type Recorded, type ScriptedServer, scriptedServer } from '../scripted-server.ts';

/** What a fault can strike. */
export const COLUMNS = ['manifest', 'token', 'blob', 'tags'] as const;
export type Column = (typeof COLUMNS)[number];

/** An answer as it would be without a fault. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** A request that is to be struck, and what can be done to it. */
export interface Strike {
  readonly column: Column;
  readonly request: Recorded;
  readonly response: ServerResponse;
  readonly answer: Answer;
  /** The whole of it, where a part was asked for. */
  readonly whole: Answer;
  /** How often the fault has struck, this time included. */
  readonly nth: number;
  /** Where the same answer is had without a login: another origin. */
  readonly storage: string;
  /** Makes every token that was handed out worthless, and says so to this request. */
  revokeTokens(): void;
}

export interface Fault {
  readonly name: string;
  /** The requests it can strike; all but these four are left alone. */
  readonly columns: readonly Column[];
  /**
   * `get`: only what has a body. `range`: a blob's first answer is cut beyond its middle, so that ranges come, and those are struck. `look-up`: no request, but the
   * look-up of the name that it would go to.
   */
  readonly strikes: 'any' | 'get' | 'range' | 'look-up';
  strike(strike: Strike): unknown;
  /** What the look-up of a name fails with. */
  readonly code?: string;
}

/** A fault of look-ups can be had by clients only that are told how to look names up. */
export const isLookUp = ({ strikes }: Fault): boolean => strikes === 'look-up';

/** How a client reaches a registry that has a name. */
export interface Reach {
  readonly lookup: typeof dns.lookup;
  readonly insecureRegistries: readonly string[];
}

export interface FaultRegistry extends ScriptedServer {
  readonly repository: string;
  /** Absent where the registry is reached by its address. */
  readonly reach: Reach | undefined;
  readonly manifestDigest: string;
  readonly layerDigest: string;
  readonly layerSize: number;
  /** How often the fault struck. */
  struck(): number;
  /** Bytes of the layer that went out, those of the storage host included. */
  sent(): number;
}

/** A table of faults asks for the same few layers hundreds of times. */
const LAYERS = new Map<string, ReturnType<typeof layerOf>>();
const PATH = 'acme/app';
const TAG = '1';
const [NAME, AUTH] = ['registry.test', 'auth.test'];

/**
 * A registry on loopback with one image of one layer (`acme/app:1`), behind a token server of its own. Where the column asks for it the fault strikes, so
 * many times; all else is answered as it should be.
 */
export async function faultRegistry(
  fault: Fault | undefined,
  column: Column | undefined,
  { times = 1, layerSize = 1_000_000, name = 'layer' } = {},
): Promise<FaultRegistry> {
  const built = LAYERS.get(`${name} ${layerSize}`) ?? layerOf(name, layerSize);
  LAYERS.set(`${name} ${layerSize}`, built);
  const { bytes: layer, diffId } = await built;
  const rootfs = { type: 'layers', diff_ids: [diffId] };
  const config = Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', config: {}, rootfs }));
  const [layerDigest, configDigest] = [digestOf(layer), digestOf(config)];
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: { mediaType: OCI_CONFIG, digest: configDigest, size: config.length },
      layers: [{ mediaType: OCI_LAYER_GZIP, digest: layerDigest, size: layer.length }],
    }),
  );
  const manifestDigest = digestOf(manifest);
  let tokens = 0;
  let firstValid = 1;
  let struck = 0;
  let sent = 0;
  let cut = false;
  let known = false;

  const plain = (bytes: Buffer, type: string, more = {}): Answer => ({
    status: 200,
    headers: { 'Content-Type': type, 'Content-Length': String(bytes.length), ...more },
    bytes,
  });
  const json = (value: unknown) => plain(Buffer.from(JSON.stringify(value)), 'application/json');

  function columnOf(request: Recorded): Column | undefined {
    const { pathname } = new URL(request.path, 'http://registry');
    if (pathname === '/token') return 'token';
    const route = routeOf(pathname);
    if (route?.kind === 'manifest' || route?.kind === 'tags') return route.kind;
    return route?.kind === 'blob' && route.digest === layerDigest ? 'blob' : undefined;
  }

  function intact(request: Recorded): Answer {
    const { pathname } = new URL(request.path, 'http://registry');
    const route = routeOf(pathname);
    if (pathname === '/token') return json({ token: `token-${++tokens}`, expires_in: 300 });
    if (route?.kind === 'base') return json({});
    if (route?.kind === 'tags') return json({ name: PATH, tags: [TAG] });
    if (route?.kind === 'manifest' && [TAG, manifestDigest].includes(route.reference))
      return plain(manifest, OCI_MANIFEST, { 'Docker-Content-Digest': manifestDigest });
    if (route?.kind === 'blob' && route.digest === configDigest) return plain(config, 'application/octet-stream');
    if (route?.kind === 'blob' && route.digest === layerDigest) return ranged(request);
    return { ...json({ errors: [{ code: 'UNKNOWN', message: 'not here' }] }), status: 404 };
  }

  function ranged(request: Recorded): Answer {
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    if (from === undefined) return plain(layer, 'application/octet-stream');
    const [start, end] = [Number(from), to ? Math.min(Number(to), layer.length - 1) : layer.length - 1];
    if (start >= layer.length) return { status: 416, headers: {}, bytes: Buffer.alloc(0) };
    const range = { 'Content-Range': `bytes ${start}-${end}/${layer.length}` };
    return { ...plain(layer.subarray(start, end + 1), 'application/octet-stream', range), status: 206 };
  }

  function isStruck(request: Recorded, response: ServerResponse): boolean {
    if (!fault || isLookUp(fault) || columnOf(request) !== column || struck >= times) return false;
    if (fault.strikes === 'any') return true;
    if (request.method !== 'GET') return false;
    if (fault.strikes === 'get' || request.headers.range) return true;
    if (!cut) {
      cut = true;
      cutAt(response, intact(request), 0.6);
    }
    return false;
  }

  function answer(request: Recorded, response: ServerResponse): unknown {
    const valid = Number(/^Bearer token-(\d+)$/.exec(request.headers.authorization ?? '')?.[1] ?? 0) >= firstValid;
    if (!valid && !request.path.startsWith('/token')) return challenge(response);
    count(request, response);
    known ||= columnOf(request) === 'manifest' && request.method === 'GET';
    const strikes = isStruck(request, response);
    if (response.headersSent) return;
    if (!strikes || !fault || !column) return send(request, response, intact(request));
    struck += 1;
    const revokeTokens = () => {
      firstValid = tokens + 1;
      challenge(response);
    };
    const { range: _, ...headers } = request.headers;
    const answers = { answer: intact(request), whole: intact({ ...request, headers }) };
    const { origin } = storage;
    return fault.strike({ column, request, response, ...answers, nth: struck, storage: origin, revokeTokens });
  }

  /** Whoever has a signed URL needs no token, unless it has expired. */
  function answerSigned(request: Recorded, response: ServerResponse): unknown {
    const status = Number(new URL(request.path, 'http://storage').searchParams.get('expired'));
    if (!status) {
      count(request, response);
      return send(request, response, intact(request));
    }
    const words = '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>';
    response.writeHead(status, { 'Content-Type': 'application/xml' }).end(request.method === 'HEAD' ? '' : words);
  }

  function count(request: Recorded, response: ServerResponse): void {
    if (columnOf(request) !== 'blob') return;
    const { write, end } = response;
    const size = (chunk: unknown) => (chunk instanceof Uint8Array ? chunk.byteLength : 0);
    response.write = ((...given: Parameters<typeof write>) => {
      sent += size(given[0]);
      return write.apply(response, given);
    }) as typeof write;
    response.end = ((...given: Parameters<typeof end>) => {
      sent += size(given[0]);
      return end.apply(response, given);
    }) as typeof end;
  }

  /** The token server has a name of its own; a registry is asked for blobs over new connections, after its manifest. */
  function isStruckName(hostname: string): boolean {
    if (struck >= times) return false;
    if (column === 'token') return hostname === AUTH;
    return hostname === NAME && (column !== 'blob' || known);
  }

  const names = namesOf();
  const lookup = ((hostname: string, options: dns.LookupAllOptions, callback: (error: Error, found: []) => void) => {
    if (!isStruckName(hostname)) return names(hostname, options, callback as never);
    struck += 1;
    callback(Object.assign(new Error(`${fault?.code} ${hostname}`), { code: fault?.code }), []);
  }) as unknown as typeof dns.lookup;
  const named = fault !== undefined && isLookUp(fault);

  const challenge = (response: ServerResponse) => {
    const auth = named ? registry.origin.replace('127.0.0.1', AUTH) : registry.origin;
    const realm = `Bearer realm="${auth}/token",service="faults",scope="repository:${PATH}:pull"`;
    response.writeHead(401, { 'WWW-Authenticate': realm, 'Content-Length': '0' }).end();
  };
  const storage = await scriptedServer(answerSigned);
  const registry: ScriptedServer = await scriptedServer(answer, { answersTls: true });
  return {
    ...registry,
    repository: `${named ? registry.host.replace('127.0.0.1', NAME) : registry.host}/${PATH}`,
    reach: named ? { lookup, insecureRegistries: [NAME, AUTH] } : undefined,
    manifestDigest,
    layerDigest,
    layerSize: layer.length,
    struck: () => struck,
    sent: () => sent,
    close: async () => void (await Promise.all([registry.close(), storage.close()])),
  };
}

/** Sends an answer as it is; a HEAD without its body. */
export function send({ method }: Recorded, response: ServerResponse, { status, headers, bytes }: Answer): void {
  response.writeHead(status, headers).end(method === 'HEAD' ? undefined : bytes);
}

/** Announces everything, sends a part of it, and ends the connection: by FIN, or by RST. */
export function cutAt(response: ServerResponse, answer: Answer, part: number, how: 'close' | 'reset' = 'close'): void {
  response.writeHead(answer.status, answer.headers);
  response.write(answer.bytes.subarray(0, Math.ceil(answer.bytes.length * part)), () => {
    if (how === 'reset') response.socket?.resetAndDestroy();
    else response.socket?.destroySoon();
  });
}
