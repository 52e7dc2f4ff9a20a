import { setImmediate } from 'node:timers/promises';
import { PullError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Report } from '../outcome.ts';
import type { ByteRange, Content, Part } from '../ports.ts';
import { createMirrorHealth, type Question } from './mirror-health.ts';
import type { Remote } from './remote.ts';
import { nothingSeen } from './seen.ts';

/** Somewhere that may have what a repository has: a mirror, the registry itself, or a URL that a manifest gives for a layer. */
export interface Place {
  readonly remote: Remote;
  readonly kind: 'mirror' | 'registry' | 'layer-url';
  /** The host, for people. */
  readonly host: string;
  /** False if it is not to say what a tag points to. */
  readonly resolves?: boolean | undefined;
  /** False if it is not to give what has a digest. */
  readonly pulls?: boolean | undefined;
  /** The file that names it, if one does. */
  readonly file?: string | undefined;
}

interface Failure {
  readonly place: Place;
  readonly error: PullError;
}

/** What is known beside a place while a blob comes from it. */
export interface Beside {
  /** What others have brought, in order, no range next to another. */
  readonly had: readonly ByteRange[];
  /** True as long as another place is left to be asked. */
  readonly others: () => boolean;
  /** True once the place is no more to be asked, for one of the others is left. */
  readonly isOver: () => Promise<boolean>;
}

/** Gets what is missing of a blob from one place: chunks from its first missing byte on, or pieces. */
export type Fetch = (remote: Remote, blob: Descriptor, beside: Beside) => Content;

/** Asks one place after the other. */
export interface Places {
  /** What the first place gives that does not fail. Throws what the registry itself said, with what the others said in its reason. */
  first<T>(places: readonly Place[], ask: (remote: Remote) => Promise<T>): Promise<T>;
  /** The bytes of a blob, as `fetch` gets them; where one place breaks off for good the next goes on with what is missing. */
  bytes(places: readonly Place[], blob: Descriptor, fetch: Fetch): AsyncGenerator<Part, void, undefined>;
}

/** The places of one run: a mirror that is down is passed over for the rest of it. That is reported once, and which mirror serves what. */
export function createPlaces(report: Report): Places {
  const health = createMirrorHealth();
  const told = new Set<string>();
  const tell = ({ kind, host, remote, file }: Place, problem?: string, over?: boolean) => {
    const key = over ? host : `${host} ${remote.name} ${problem !== undefined}`;
    if (kind !== 'mirror' || told.has(key)) return;
    told.add(key);
    report({ type: 'mirror', subject: remote.name, mirror: host, file, problem, over });
  };
  const isDown = ({ kind, host }: Place) => kind === 'mirror' && health.isDown(host);

  /** Those to be asked now, one after the other; mirrors that are down only where nobody else may be asked. */
  function* usable(places: readonly Place[]): Generator<Place, void, undefined> {
    const all = places.every(isDown);
    for (const place of places) if (all || !isDown(place)) yield place;
  }

  async function isDownByNow(place: Place): Promise<boolean> {
    // Who gives a connection up for a failure tells of that a moment later.
    await setImmediate();
    return isDown(place);
  }

  /** Whether that is one after the place which is not asked for want of another only. */
  const isAnyLeft = (places: readonly Place[], place: Place) =>
    places.slice(places.indexOf(place) + 1).some((other) => other.kind !== 'layer-url' && !isDown(other));

  /** Throws what ends the whole search. */
  function failed(place: Place, question: Question, error: unknown): Failure {
    if (!(error instanceof PullError) || error.code === 'CANCELLED') throw error;
    const over = place.kind === 'mirror' && question.failed(error);
    // What was under way when it went down is told with that.
    if (over || !isDown(place)) tell(place, error.reason, over || undefined);
    return { place, error };
  }

  return {
    async first(places, ask) {
      const failures: Failure[] = [];
      for (const place of usable(places)) {
        const question = health.begin(place.host);
        try {
          const answer = await ask(place.remote);
          question.answered();
          tell(place);
          return answer;
        } catch (error) {
          failures.push(failed(place, question, error));
        }
      }
      throw together(failures);
    },
    async *bytes(places, blob, fetch) {
      const failures: Failure[] = [];
      const seen = nothingSeen();
      for (const place of usable(places)) {
        if (place.kind === 'layer-url' && !failures.some(isNotThere)) continue;
        const question = health.begin(place.host);
        const had = seen.ranges();
        const others = () => isAnyLeft(places, place);
        try {
          let position = had[0]?.start === 0 ? had[0].end : 0;
          const beside = { had, others, isOver: async () => others() && (await isDownByNow(place)) };
          for await (const chunk of fetch(place.remote, blob, beside)) {
            if ('offer' in chunk) {
              yield chunk;
              continue;
            }
            yield* seen.fresh(chunk, position);
            position += 'position' in chunk ? 0 : chunk.byteLength;
          }
          // Too few bytes of the registry's own are for the store's door to refuse.
          if (seen.bytes() < blob.size && place.kind === 'mirror') throw ended(place, blob, seen.bytes());
          question.answered();
          tell(place);
          return;
        } catch (error) {
          failures.push(failed(place, question, error));
        }
      }
      throw together(failures);
    },
  };
}

function ended({ remote }: Place, { digest, size }: Descriptor, found: number): PullError {
  return new PullError(
    'UNAVAILABLE',
    remote.name,
    `blob ${digest} ended early: expected ${size} bytes, found ${found}`,
  );
}

/** What a registry answers that was never given a layer. */
const NOT_THERE = new Set(['BLOB_UNKNOWN', 'NAME_UNKNOWN', 'UNAUTHORIZED', 'DENIED', 'UNSUPPORTED']);

const isNotThere = ({ place, error }: Failure): boolean => place.kind === 'registry' && NOT_THERE.has(error.code);

/** Codes that say nothing about the image; whoever gave an answer tells more. */
const NO_ANSWER = new Set(['UNREACHABLE', 'UNAVAILABLE']);

/**
 * One error for all that failed. Its code is the registry's own, for that decides what may stand in; its words begin with the most telling: the registry's if
 * it gave an answer, else that of the first who did.
 */
function together(failures: readonly Failure[]): PullError {
  const own = failures.find(({ place }) => place.kind === 'registry') ?? failures[0];
  if (!own) throw new Error('no place to ask');
  if (failures.length === 1) return own.error;
  const answered = failures.find(({ error }) => !NO_ANSWER.has(error.code));
  const best = NO_ANSWER.has(own.error.code) ? (answered ?? own) : own;
  const others = failures.filter((failure) => failure !== best).map(said);
  const { code, subject, temporary, retryAfterMs } = own.error;
  const first = best === own ? own.error.reason : said(best);
  const hint = best !== own && NOT_FOUND.has(best.error.code) ? silentHint(own.place) : best.error.hint;
  return new PullError(code, subject, [first, ...others].join('; '), {
    hint,
    temporary,
    retryAfterMs,
    cause: own.error,
  });
}

/** What a mirror says of an image that is only not on it. */
const NOT_FOUND = new Set(['MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'BLOB_UNKNOWN']);

const silentHint = ({ host }: Place): string =>
  `A mirror may lack what the registry has: check whether this machine can reach ${host}, or run again when it answers.`;

function said({ place, error }: Failure): string {
  if (place.kind === 'mirror') return `the mirror ${place.host}: ${error.reason}`;
  return place.kind === 'registry' ? error.reason : `${place.host}, which the manifest names: ${error.reason}`;
}
