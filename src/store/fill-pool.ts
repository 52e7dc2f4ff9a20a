import { Worker } from 'node:worker_threads';
import { PullError } from '../errors.ts';
import type { FromThread, ToThread } from './fill-messages.ts';

/** Threads that fill files; none is started before it is asked for. */
export interface FillPool {
  /** A thread for one more file, the one with the fewest bytes to come. */
  take(size: number): FillSeat;
  /** Starts the threads for so many files that are soon to be taken, so that they are up by then. */
  expect(files: number): void;
  /** Ends the threads; files that are being filled fail. */
  close(): Promise<void>;
}

/** A place in a thread; `hear` gets all that is said of the file, `ended` what ended the thread. */
export interface FillSeat {
  join(listener: { hear(message: FromThread): void; ended(error: PullError): void }): {
    send(message: WithoutFile<ToThread>, transfer?: readonly ArrayBuffer[]): void;
    leave(): void;
  };
}

type WithoutFile<T> = T extends unknown ? Omit<T, 'file'> : never;

type Listener = Parameters<FillSeat['join']>[0];

/** At most `count` threads that run the file at `path`, the bundle of `fill-worker`. They keep the process alive only while they fill a file. */
export function fillPool(path: string, count: number): FillPool {
  const threads: Thread[] = [];
  const load = ({ bytes }: Thread) => bytes;

  function lightest(): Thread {
    const idle = threads.filter(({ over }) => !over).sort((a, b) => load(a) - load(b))[0];
    return idle && (idle.bytes === 0 || threads.length >= count) ? idle : start();
  }

  function start(): Thread {
    const fresh = new Thread(path, (thread) => threads.splice(threads.indexOf(thread), 1));
    threads.push(fresh);
    return fresh;
  }

  return {
    expect(files) {
      while (threads.length < Math.min(files, count)) start();
    },
    take(size) {
      const thread = lightest();
      return { join: (listener) => thread.join(listener, size) };
    },
    close: async () => void (await Promise.all(threads.map((thread) => thread.end()))),
  };
}

/** A thread keeps little but its code, and its garbage need not lie about for long. */
const LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 };

let files = 0;

class Thread {
  bytes = 0;
  over = false;
  readonly #worker: Worker;
  readonly #listeners = new Map<number, Listener>();

  constructor(path: string, gone: (thread: Thread) => void) {
    this.#worker = new Worker(path, { execArgv: [], resourceLimits: LIMITS });
    this.#worker.unref();
    this.#worker.on('message', (message: FromThread) => this.#listeners.get(message.file)?.hear(message));
    const ended = (why: string) => {
      if (this.over) return;
      this.over = true;
      gone(this);
      const error = new PullError('STORE_UNUSABLE', 'layer', `the thread that wrote it has ended: ${why}`);
      for (const listener of [...this.#listeners.values()]) listener.ended(error);
    };
    this.#worker.on('error', (error) => ended(String(error)));
    this.#worker.on('exit', (code) => ended(`exit code ${code}`));
  }

  join(listener: Listener, size: number) {
    files += 1;
    const file = files;
    this.#listeners.set(file, listener);
    this.bytes += size;
    this.#worker.ref();
    return {
      send: (message: WithoutFile<ToThread>, transfer: readonly ArrayBuffer[] = []) => {
        if (!this.over) this.#worker.postMessage({ ...message, file }, [...transfer]);
      },
      leave: () => {
        if (!this.#listeners.delete(file)) return;
        this.bytes -= size;
        if (this.#listeners.size === 0) this.#worker.unref();
      },
    };
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
