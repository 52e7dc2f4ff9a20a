import { Worker } from 'node:worker_threads';
import { PullError } from '../errors.ts';
import type { FromThread, ToThread } from './fill-messages.ts';
import { type Bring, fillThread } from './fill-thread.ts';

/** Where files are filled: a thread, or no other than this one. */
export interface Place {
  /** Of all files that are being filled. */
  readonly bytes: number;
  /** True once it fills nothing any more. */
  readonly over: boolean;
  join(listener: Listener, size: number): Seat;
  end(): Promise<void>;
}

/** Who hears all that is said of a file, and what ended the thread. */
export interface Listener {
  hear(message: FromThread): void;
  ended(error: PullError): void;
}

/** The place of one file. */
export interface Seat {
  send(message: WithoutFile<ToThread>, transfer?: readonly ArrayBuffer[]): void;
  leave(): void;
  /** Shared by all files of a place; who gives orders keeps it. */
  readonly work: { orders: number };
}

type WithoutFile<T> = T extends unknown ? Omit<T, 'file'> : never;

/** A thread keeps little but its code, and its garbage need not lie about for long. */
const LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 };

/** The files of one place. */
class Files {
  bytes = 0;
  readonly listeners = new Map<number, Listener>();
  readonly #work = { orders: 0 };
  #joined = 0;

  join(listener: Listener, size: number, post: (message: ToThread, transfer: readonly ArrayBuffer[]) => void): Seat {
    this.#joined += 1;
    const file = this.#joined;
    this.listeners.set(file, listener);
    this.bytes += size;
    return {
      work: this.#work,
      send: (message, transfer = []) => post({ ...message, file }, transfer),
      leave: () => {
        if (this.listeners.delete(file)) this.bytes -= size;
      },
    };
  }

  hear(message: FromThread): void {
    this.listeners.get(message.file)?.hear(message);
  }
}

/** This thread, which does between other things what another would do; `bring` as in `fillThread`. */
export function placeHere(bring: Bring): Place {
  const files = new Files();
  // Nobody expects an answer while he is still asking.
  const fill = fillThread(bring, (message) => queueMicrotask(() => files.hear(message)));
  return {
    get bytes() {
      return files.bytes;
    },
    over: false,
    join: (listener, size) => files.join(listener, size, (message) => queueMicrotask(() => fill(message))),
    end: async () => {},
  };
}

/** A thread of its own that runs the file at `path`; it keeps the process alive only while it fills a file. `gone` is called when it has ended. */
export function placeInThread(path: string, gone: (place: Place) => void): Place {
  const files = new Files();
  const worker = new Worker(path, { execArgv: [], resourceLimits: LIMITS });
  let over = false;
  const place: Place = {
    get bytes() {
      return files.bytes;
    },
    get over() {
      return over;
    },
    join(listener, size) {
      const seat = files.join(listener, size, (message, transfer) => {
        if (!over) worker.postMessage(message, [...transfer]);
      });
      worker.ref();
      return {
        ...seat,
        leave() {
          seat.leave();
          if (files.listeners.size === 0) worker.unref();
        },
      };
    },
    end: async () => void (await worker.terminate()),
  };
  const ended = (why: string) => {
    if (over) return;
    over = true;
    gone(place);
    const error = new PullError('STORE_UNUSABLE', 'layer', `the thread that wrote it has ended: ${why}`);
    for (const listener of [...files.listeners.values()]) listener.ended(error);
  };
  worker.on('message', (message: FromThread) => files.hear(message));
  worker.on('error', (error) => ended(String(error)));
  worker.on('exit', (code) => ended(`exit code ${code}`));
  // Whoever listens takes that back.
  worker.unref();
  return place;
}
