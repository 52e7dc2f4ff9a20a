import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type Digest, digestOf } from '../../../src/oci/digest.ts';
import { startDockerRegistry } from '../docker-registry.ts';
import { realTest } from '../real-parts.ts';
import { served } from '../serving.ts';

/** What came with distribution-spec v1.1, or what a registry may leave out by its words: Debian's docker-registry 2.8 is older than the first, and leaves out the second. */
export type Feature =
  | 'anonymous mounts'
  | 'blobs in one POST'
  | 'chunks in order'
  | 'codes of the spec'
  | 'layers that lie elsewhere'
  | 'pages of tags'
  | 'ranges behind the end'
  | 'referrers'
  | 'sha512 manifests'
  | 'tag deletion';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  /** The code of an error, after its status: `404 BLOB_UNKNOWN`; the status alone of any other answer. */
  readonly verdict: string;
}

/** A repository that nobody else uses, on a registry that is to be tested. */
export interface Repository {
  readonly path: string;
  /** Asks with a path below the repository's, a path from `/`, or an address that an answer gave. */
  ask(method: string, at: string, body?: Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  /** Begins an upload; the place where it goes on. */
  begin(): Promise<string>;
  /** Brings a blob in a POST and a PUT. */
  push(bytes: Uint8Array, digest?: Digest): Promise<Digest>;
  /** Another repository of the same registry. */
  sibling(): Repository;
}

/** A sentence of the spec that holds of a repository; without the features it is not asked of a registry that lacks one of them. */
export type Clause = (
  sentence: string,
  holds: (repository: Repository) => Promise<void>,
  ...needs: readonly Feature[]
) => void;

interface Running {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  stop(): Promise<void>;
}

const REGISTRIES = [
  {
    name: 'our server',
    lacks: [] as readonly Feature[],
    start: async (): Promise<Running> => {
      const { host, dispose } = await served();
      return { host: host.replace('localhost', '127.0.0.1'), stop: dispose };
    },
    test: (name: string, run: () => Promise<void>) => test(name, run, 30_000),
  },
  {
    name: 'docker-registry',
    lacks: [
      'anonymous mounts',
      'blobs in one POST',
      'chunks in order',
      'codes of the spec',
      'layers that lie elsewhere',
      'pages of tags',
      'ranges behind the end',
      'referrers',
      'sha512 manifests',
      'tag deletion',
    ] as readonly Feature[],
    start: (): Promise<Running> => startDockerRegistry({ deletes: true }),
    test: (name: string, run: () => Promise<void>) => realTest('docker-registry')(name, run, 30_000),
  },
];

/** Holds the clauses against our server, and against Debian's docker-registry: what both do is more likely what the spec means. */
export function conforming(subject: string, declare: (clause: Clause) => void): void {
  for (const { name, lacks, start, test: declareTest } of REGISTRIES) {
    const clauses: (readonly [string, (repository: Repository) => Promise<void>])[] = [];
    declare((sentence, holds, ...needs) => {
      if (!needs.some((feature) => lacks.includes(feature))) clauses.push([sentence, holds]);
    });
    if (clauses.length === 0) continue;
    describe(`${name}: ${subject}`, () => {
      let running: Running | undefined;
      let made = 0;
      beforeAll(async () => {
        running = await start().catch(() => undefined);
      });
      afterAll(() => running?.stop());
      const repository = (): Repository => {
        made += 1;
        return repositoryOf(`http://${running?.host}`, `conformance/repository-${made}`, repository);
      };
      for (const [sentence, holds] of clauses) declareTest(sentence, () => holds(repository()));
    });
  }
}

function repositoryOf(origin: string, path: string, sibling: () => Repository): Repository {
  const ask: Repository['ask'] = async (method, at, body, headers = {}) => {
    const url = new URL(at, `${origin}/v2/${path}/`);
    const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: Buffer.from(body) }) });
    const bytes = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, headers: answer.headers, bytes, verdict: verdictOf(answer.status, bytes) };
  };
  const begin = async () => {
    const { status, headers } = await ask('POST', 'blobs/uploads/');
    if (status !== 202) throw new Error(`an upload did not begin: ${status}`);
    return new URL(headers.get('location') ?? '', origin).href;
  };
  return {
    path,
    ask,
    begin,
    sibling,
    async push(bytes, digest = digestOf(bytes)) {
      const { verdict } = await ask('PUT', withDigest(await begin(), digest), bytes, BINARY);
      if (verdict !== '201') throw new Error(`a blob was not taken: ${verdict}`);
      return digest;
    },
  };
}

function verdictOf(status: number, bytes: Buffer): string {
  try {
    return [status, JSON.parse(bytes.toString()).errors?.[0]?.code].filter(Boolean).join(' ');
  } catch {
    return String(status);
  }
}

export const BINARY = { 'content-type': 'application/octet-stream' };

/** The address that ends an upload. */
export const withDigest = (at: string, digest: string): string =>
  `${at}${at.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
