import { PullError } from '../errors.ts';
import { type Flow, newFlow } from '../lib/flow.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { ByteRange, Filler, Landed, Part, Piece } from '../ports.ts';
import type { BlobOptions } from './blobs.ts';
import { type Chunk, type Chunks, chunksOf } from './chunks.ts';
import { type Gather, gathering } from './gather.ts';
import type { Again, Traveller } from './lanes.ts';
import { type Ask, partsOf } from './parts.ts';
import { isAboutRanges, NO_RANGE, RangeRequest } from './range-request.ts';
import { type Answer, type Divisible, passedOver } from './remote.ts';
import { newRests } from './rests.ts';
import { type Beginning, brokenOff, endedEarly, streamBlob, wrongRange } from './stream-blob.ts';
import { newTries } from './transport/tries.ts';
import { isCrowded } from './transport/turns.ts';

/**
 * A blob in closed ranges over as many connections as it is given, each byte once (RFC 9110, 14). A break costs the rest of one chunk. Where ranges are not to
 * be had, or not as asked, it goes on as one stream. Throws what `streamBlob` throws.
 */
export async function* rangedBlob(
  remote: Divisible,
  blob: Descriptor,
  options: BlobOptions,
): AsyncGenerator<Part, void, undefined> {
  const transfer = new RangedTransfer(remote, blob, options);
  yield { offer: (filler) => transfer.use(filler) };
  const leave = options.lanes.join(transfer);
  try {
    yield* transfer.pieces;
  } finally {
    leave();
    transfer.stop();
  }
}

/** Bytes of the first chunk if a thread brings the others. Its answer comes by here, and says little but that there are ranges. */
const FIRST = 64 * 1024;

class RangedTransfer implements Traveller {
  readonly pieces: Flow<Piece | Landed> = newFlow<Piece | Landed>();
  readonly rank: number;
  active = 0;
  readonly #remote: Divisible;
  readonly #blob: Descriptor;
  readonly #options: BlobOptions;
  readonly #chunks: Chunks;
  readonly #ask: Ask;
  filler: Filler | undefined;
  readonly #requests = new Set<RangeRequest>();
  readonly #rests = newRests();
  /** Nothing is known of ranges before the first answer; once there is a stream, everything is left to it. */
  #mode: 'first' | 'ranges' | 'stream' = 'first';
  #over = false;

  constructor(remote: Divisible, blob: Descriptor, options: BlobOptions) {
    this.#remote = remote;
    this.#blob = blob;
    this.#options = options;
    this.#chunks = chunksOf(blob.size, options.beside?.had);
    this.#ask = partsOf(remote, blob, options.lanes);
    this.rank = options.rank;
  }

  /** Leaves to a thread from now on whatever can be left to it. */
  use(filler: Filler): void {
    this.filler = filler;
    // Whoever keeps the file has to look; he may be waiting for bytes that never come.
    void filler.failed.then(() => this.pieces.put({ position: 0, landed: 0 }));
  }

  get left(): number {
    return this.#chunks.left();
  }

  get ready(): boolean {
    if (this.#over || this.#mode === 'stream' || !this.#chunks.more) return false;
    return this.active === 0 || this.#mode === 'ranges';
  }

  get underWay(): readonly Again[] {
    if (this.#mode !== 'ranges') return [];
    return [...this.#requests].map((request) => ({
      ...request.underWay(),
      go: () => {
        request.twice = true;
        return this.#work(() => this.#again(request.chunk));
      },
    }));
  }

  async go(): Promise<void> {
    const { lanes, chunkSize } = this.#options;
    const first = this.filler && this.#mode === 'first' && !lanes.direct;
    const chunk = this.#chunks.take(first ? Math.min(FIRST, chunkSize) : lanes.rangeSize(chunkSize));
    if (chunk) await this.#work(() => this.#fetch(chunk));
  }

  stop(): void {
    this.#over = true;
    for (const request of this.#requests) request.stop();
    this.#rests.wake();
  }

  async #work(task: () => Promise<void>): Promise<void> {
    this.active += 1;
    try {
      await task();
    } catch (error) {
      this.pieces.end(error);
      this.stop();
    }
    this.active -= 1;
    // Not before the last of them has handed on what it gathered.
    if (this.active === 0 && (this.left === 0 || this.#mode === 'stream')) this.pieces.end();
  }

  /** A chunk, whatever it takes; five requests in a row that bring too little of it end it. */
  async #fetch(chunk: Chunk): Promise<void> {
    const isDone = () => chunk.at === chunk.end || this.#over || this.#mode === 'stream';
    const retries = this.#rests.until(isDone, this.#remote.retries);
    const { lanes, beside } = this.#options;
    const tries = newTries(retries, this.#blob.size, lanes, beside?.others);
    if (this.#mode === 'first' && (await beside?.isOver())) throw passedOver(this.#remote);
    while (!isDone()) {
      const [before, startedAt] = [chunk.at, retries.now()];
      const failure = await this.#request(chunk);
      if (isDone()) return;
      tries.count({ fresh: chunk.at - before, of: chunk.end - before, startedAt });
      // Another place is nearer than a second try.
      if (this.#mode === 'first' && !this.#remote.patient) throw failure;
      if (await tries.pause(failure)) continue;
      if (beside?.others() || !isAboutRanges(failure)) throw tries.last(failure);
      return this.#stream({ received: this.#chunks.frontier(), ranges: false });
    }
  }

  /** The rest of a chunk once more, whatever becomes of it: the first request goes on. */
  async #again(chunk: Chunk): Promise<void> {
    if (isCrowded(await this.#request(chunk, true)))
      this.#options.lanes.refused(0, false, this.#remote.retries.now(), chunk);
  }

  /** One request for the rest of a chunk; returns what was wrong with it. */
  async #request(chunk: Chunk, twice = false): Promise<unknown> {
    const { now, lanes, chunkSize } = this.#options;
    const request = new RangeRequest(chunk, twice, now);
    const { range } = request;
    this.#requests.add(request);
    try {
      const answer = await this.#ask(range, request.ends, this.filler);
      request.begin(answer);
      const wrong = answer.status === 206 ? wrongRange(answer, range, this.#blob) : undefined;
      if (answer.status !== 206 || wrong !== undefined) return await this.#refused(answer, wrong);
      // A stream of the rest may have begun since this was asked.
      if (this.#mode === 'first') this.#mode = 'ranges';
      lanes.begun(request.age());
      lanes.turn();
      await this.#pour(answer, range, request);
      // What is smaller says more of the distance than of the rate.
      const { bytes } = request;
      if (range.start + bytes === range.end && bytes >= chunkSize) lanes.done(bytes, request.age());
      return endedEarly(range, this.#remote, this.#blob);
    } catch (error) {
      return brokenOff(error, { remote: this.#remote, blob: this.#blob, received: this.#blob.size - this.left });
    } finally {
      this.#requests.delete(request);
      if (chunk.at === chunk.end) for (const other of this.#requests) if (other.chunk === chunk) other.stop();
      this.#rests.wake();
    }
  }

  /** Goes on as one stream if that is how this blob is to be had; otherwise returns the error. */
  async #refused(answer: Answer, wrong: string | undefined): Promise<unknown> {
    if (wrong === undefined && !NO_RANGE.has(answer.status)) return answer.failure();
    if (this.#mode === 'first' && answer.status === 200) return this.#stream({ answer });
    await answer.discard();
    if (this.#mode === 'first') return this.#stream({ ranges: false });
    const reason =
      wrong ?? `${answer.url.host} answered ${answer.status} to the request for a part of ${this.#blob.digest}`;
    return new PullError('REGISTRY_ANSWER', this.#remote.name, reason, { temporary: true });
  }

  async #pour(answer: Answer, { start, end }: ByteRange, request: RangeRequest): Promise<void> {
    if (answer.landed) return this.#follow(answer.landed, start, request);
    const gather = gathering(this.pieces);
    try {
      for await (const bytes of answer.body) {
        const position = start + request.bytes;
        const part = bytes.subarray(0, end - position);
        request.bytes += part.byteLength;
        await this.#hand(position, part, gather);
        const stale = request.chunk.at === end && position + part.byteLength < end;
        if (this.#over || stale || part.byteLength < bytes.byteLength) return;
      }
    } finally {
      await gather.flush();
    }
  }

  /** Bytes that go into their file without coming by here. */
  async #follow(landed: AsyncIterable<number>, from: number, request: RangeRequest): Promise<void> {
    for await (const to of landed) {
      const position = from + request.bytes;
      request.bytes = to - from;
      for (const { start, end } of this.#fresh(position, to - position))
        await this.pieces.put({ position: start, landed: end - start });
      if (this.#over) return;
    }
  }

  /** All that is missing in one stream; what comes twice is dropped. */
  async #stream(beginning: Beginning): Promise<void> {
    // Another chunk may have come to the same end already.
    if (this.#mode === 'stream') return;
    // Its errors are for the whole blob.
    this.#mode = 'stream';
    this.#rests.wake();
    this.#chunks.takeRest();
    const gather = gathering(this.pieces);
    let position = beginning.received ?? 0;
    try {
      const { lanes: turns, beside } = this.#options;
      for await (const bytes of streamBlob(this.#remote, this.#blob, { ...beginning, turns, others: beside?.others })) {
        await this.#hand(position, bytes, gather);
        position += bytes.byteLength;
        if (this.#over) return;
      }
    } catch (error) {
      this.pieces.end(error);
      this.stop();
    } finally {
      await gather.flush();
    }
  }

  async #hand(position: number, bytes: Uint8Array, gather: Gather): Promise<void> {
    for (const { start, end } of this.#fresh(position, bytes.byteLength)) {
      await gather.add(start, bytes.subarray(start - position, end - position));
    }
  }

  /** What of these bytes had not come before. */
  #fresh(position: number, length: number): readonly ByteRange[] {
    const parts = this.#chunks.fresh(position, length);
    const repeated = parts.reduce((rest, { start, end }) => rest - (end - start), length);
    this.#options.lanes.came(length, repeated);
    return parts;
  }
}
