import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CacheAnswer, CacheRequest, CacheSign } from './messages.ts';
import { watchSize } from './watch-size.ts';

/** No answer: its time was up, while the service was asked or while bytes moved; it took more of the disk than it may; the child ended by itself; or it was ended for another's sake. */
export type Lost = 'silent' | 'slow' | 'large' | 'crashed' | 'killed';

export type Reply = { readonly lost: Lost } | ({ readonly lost?: undefined } & CacheAnswer);

/** In milliseconds: for the service to answer, and for all else; and how many bytes its folders may take. */
export interface Limits {
  readonly answer: number;
  readonly total: number;
  readonly bytes?: number | undefined;
}

/** The child that runs @actions/cache. */
export interface CacheProcess {
  /** Starts it if it does not run. Never rejects, and never takes longer than the limits: beyond them the child and every program it runs are killed. */
  ask(request: Omit<CacheRequest, 'id'>, limits: Limits): Promise<Reply>;
  /** Ends it, at once; what was asked is answered with `killed`. Resolves when it is gone; asked again, it would start again. */
  kill(): Promise<void>;
}

interface Pending {
  readonly finish: (reply: Reply) => void;
  /** Sets the time that is left, and what it means if it runs out. */
  readonly wait: (lost: 'silent' | 'slow') => void;
}

/** A process that cannot be killed is not waited for any longer, in milliseconds. */
const PATIENCE = 2_000;

interface Options {
  /** Absolute path of the bundled child. */
  readonly childPath: string;
  /** Where it stands; it removes this folder if we are killed. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Nothing runs before the first question. */
export function cacheProcess({ childPath, root, environment }: Options): CacheProcess {
  const pending = new Map<number, Pending>();
  let running: ChildProcess | undefined;
  /** The last one that was killed, as long as its end is waited for. */
  let dying: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  let lastId = 0;

  function start(): ChildProcess {
    const child = spawn(process.execPath, [childPath, root], {
      cwd: root,
      env: environment,
      // A group of its own, so that tar and zstd can be ended with it; on Windows that would open a window.
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (message) => receive(message as CacheAnswer | CacheSign));
    const gone = () => {
      if (running === child) lose('crashed');
    };
    ended = new Promise((resolve) => child.once('error', resolve).once('exit', resolve));
    child.once('error', gone).once('exit', gone);
    // Whoever asks holds a timer; between questions nothing keeps us from ending.
    child.unref();
    child.channel?.unref();
    return child;
  }

  function receive(message: CacheAnswer | CacheSign): void {
    const asked = pending.get(message.id);
    if ('sign' in message) asked?.wait(message.sign === 'retrying' ? 'silent' : 'slow');
    else asked?.finish(message);
  }

  /** Ends the child and answers every question. */
  function lose(lost: Lost): void {
    if (running) {
      dying = running;
      // Its end is waited for, and nothing else may be left that keeps us here until then.
      dying.ref();
      killGroup(dying);
    }
    running = undefined;
    for (const { finish } of [...pending.values()]) finish({ lost });
  }

  return {
    ask(request, limits) {
      return new Promise((resolve) => {
        lastId += 1;
        const id = lastId;
        let timer: NodeJS.Timeout | undefined;
        const finish = (reply: Reply) => {
          clearTimeout(timer);
          unwatch();
          pending.delete(id);
          resolve(reply);
        };
        const end = (lost: Lost) => {
          finish({ lost });
          lose('killed');
        };
        const { folder, temp } = request;
        const unwatch =
          limits.bytes === undefined ? () => {} : watchSize([folder, temp], limits.bytes, () => end('large'));
        let waiting: 'silent' | 'slow' | undefined;
        const wait = (lost: 'silent' | 'slow') => {
          // A second try is no reason to wait longer.
          if (waiting === lost) return;
          waiting = lost;
          clearTimeout(timer);
          timer = setTimeout(() => end(lost), lost === 'silent' ? limits.answer : limits.total);
        };
        pending.set(id, { finish, wait });
        wait(request.op === 'save' ? 'slow' : 'silent');
        try {
          running ??= start();
          running.send({ ...request, id }, (error) => error && finish({ lost: 'crashed' }));
        } catch {
          finish({ lost: 'crashed' });
        }
      });
    },
    async kill() {
      lose('killed');
      await Promise.race([ended, sleep(PATIENCE, undefined, { ref: false })]);
      dying?.unref();
    },
  };
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
  child.kill('SIGKILL');
}
