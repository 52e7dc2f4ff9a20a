import { PullError } from '../errors.ts';
import type { ByteRange } from '../ports.ts';
import type { Chunk } from './chunks.ts';
import type { Answer } from './remote.ts';
import type { UnderWay } from './schedule.ts';

/** Answers to a range that mean: not in parts. */
export const NO_RANGE: ReadonlySet<number> = new Set([200, 400, 416]);

/** True for what is wrong with a part although an answer came, and nothing broke it off: then the whole may be right. */
export const isAboutRanges = (failure: unknown): boolean =>
  failure instanceof PullError && failure.code === 'REGISTRY_ANSWER' && failure.temporary;

/** One request for the rest of a chunk, sent in the moment it is made. */
export class RangeRequest {
  readonly chunk: Chunk;
  readonly range: ByteRange;
  /** Bytes that have come. */
  bytes = 0;
  /** True if the same is asked for by another. */
  twice: boolean;
  readonly #now: () => number;
  readonly #sentAt: number;
  readonly #end = new AbortController();
  #begunAt: number | undefined;
  #answer: Answer | undefined;

  constructor(chunk: Chunk, twice: boolean, now: () => number) {
    this.chunk = chunk;
    this.range = { start: chunk.at, end: chunk.end };
    this.twice = twice;
    this.#now = now;
    this.#sentAt = now();
  }

  /** Aborted when nobody needs it any more. */
  get ends(): AbortSignal {
    return this.#end.signal;
  }

  /** Milliseconds since it was sent. */
  age(): number {
    return this.#now() - this.#sentAt;
  }

  begin(answer: Answer): void {
    this.#answer = answer;
    this.#begunAt = this.#now();
    if (this.ends.aborted) answer.abort();
  }

  underWay(): UnderWay {
    const { bytes, chunk, twice } = this;
    const begun = this.#begunAt !== undefined;
    return { bytes, left: chunk.end - chunk.at, ms: this.#now() - (this.#begunAt ?? this.#sentAt), begun, twice };
  }

  /** Ends it, whether or not its answer has begun. */
  stop(): void {
    this.#end.abort();
    this.#answer?.abort();
  }
}
