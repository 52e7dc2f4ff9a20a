import type { Descriptor } from '../oci/descriptor.ts';
import { DOCKER_CONFIG, OCI_CONFIG } from '../oci/media-types.ts';
import type { Part } from '../ports.ts';
import type { Lanes, Traveller } from './lanes.ts';
import type { Beside } from './places.ts';
import { rangedBlob } from './ranged-blob.ts';
import { isDivisible, passedOver, type Remote } from './remote.ts';
import { streamBlob } from './stream-blob.ts';
import { header } from './transport/transport.ts';

export interface BlobOptions {
  /** The connections to the registry, shared by all blobs. */
  readonly lanes: Lanes;
  readonly rank: number;
  /** Bytes of a closed range. */
  readonly chunkSize: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** True if ranges are not to be trusted. */
  readonly plain?: boolean;
  /** What others brought of it, and who else may be asked; nothing and nobody by default. */
  readonly beside?: Beside;
}

/** Bytes of a closed range, unless a caller says otherwise. */
export const CHUNK_SIZE = 8 * 1024 * 1024;

/** Bytes up to which a config is a small request like that for the manifest before it: a connection is open for it, and all else waits for its answer. */
const SMALL_CONFIG = 256 * 1024;
const CONFIGS = [OCI_CONFIG, DOCKER_CONFIG];

/** Milliseconds of a request, unless a caller says otherwise: what 25 MB/s takes for one part. */
export const RANGE_MS = 330;

/**
 * The bytes of a blob, unverified (distribution-spec v1.1, "Pulling blobs"): above two chunks as pieces from several connections, otherwise as a stream in one
 * piece, and without ranges if they are not to be trusted; a small config over the connections of small requests. What others brought does not come again. Throws
 * what `streamBlob` throws.
 */
export async function* fetchBlob(
  remote: Remote,
  blob: Descriptor,
  options: BlobOptions,
): AsyncGenerator<Part, void, undefined> {
  const { had = [], others } = options.beside ?? {};
  const received = had[0]?.start === 0 ? had[0].end : 0;
  if (received >= blob.size) return;
  const beginning = { received, ranges: !options.plain, others };
  const large = blob.size > 2 * options.chunkSize;
  if (large && !options.plain && isDivisible(remote)) return yield* rangedBlob(remote, blob, options);
  // A host that refuses connections is asked over those that it lets us have.
  if (CONFIGS.includes(blob.mediaType) && blob.size <= SMALL_CONFIG && !options.lanes.refuses) {
    const turns = options.lanes.guest();
    try {
      return yield* streamBlob(noticing(remote, options.lanes), blob, { ...beginning, bulk: false, turns });
    } finally {
      turns.leave();
    }
  }
  const release = await connection(options, blob.size - received);
  try {
    if (await options.beside?.isOver()) throw passedOver(remote);
    for await (const bytes of streamBlob(remote, blob, { ...beginning, turns: options.lanes })) {
      options.lanes.came(bytes.byteLength, 0);
      yield bytes;
    }
  } finally {
    release();
  }
}

/** The remote, of whose answers the lanes learn whether others can be had as plainly. */
const noticing = (remote: Remote, lanes: Lanes): Remote => ({
  ...remote,
  async ask(question) {
    const answer = await remote.ask(question);
    const { status, url, asked, headers } = answer;
    if (status === 200 && url.origin === asked.origin && header(headers, 'accept-ranges') === 'bytes')
      lanes.direct = true;
    return answer;
  },
});

/** Waits for one connection; to be released. */
function connection({ lanes, rank }: BlobOptions, left: number): Promise<() => void> {
  return new Promise((resolve) => {
    const traveller: Traveller & { ready: boolean } = {
      rank,
      left,
      active: 0,
      whole: true,
      ready: true,
      underWay: [],
      go() {
        traveller.ready = false;
        return new Promise<void>((release) => {
          resolve(() => {
            leave();
            release();
          });
        });
      },
    };
    const leave = lanes.join(traveller);
  });
}
