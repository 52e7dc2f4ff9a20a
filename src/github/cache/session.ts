import { reasonOf } from '../wording.ts';
import { type CacheProcess, cacheProcess, type Limits } from './cache-process.ts';
import { childEnvironment } from './environment.ts';
import { type Fault, faultIn } from './faults.ts';
import { hasGnuTar } from './gnu-tar.ts';
import type { CacheAnswer, CacheRequest } from './messages.ts';
import { slots } from './slots.ts';
import { openStage, openStaging, removeTree, type Stage } from './staging.ts';
import type { During, Standing } from './standing.ts';

/** What came of a question; consequences for the whole run are drawn. Neither is there if no answer came. */
export interface Outcome {
  readonly answer?: CacheAnswer | undefined;
  readonly fault?: Fault | undefined;
}

/** The child and its folder, from the first operation to the end. */
export interface Session {
  readonly ended: () => boolean;
  /** Runs the work in a stage of its own when there is room for so many bytes of buffers; `otherwise` if there is no child, or if this side fails. */
  within<T>(during: During, buffers: number, otherwise: T, work: (stage: Stage) => Promise<T>): Promise<T>;
  ask(during: During, request: Pick<CacheRequest, 'op' | 'key'>, stage: Stage, limits: Limits): Promise<Outcome>;
  /** Kills the child and removes the folder. */
  close(): Promise<void>;
}

interface Options {
  readonly childPath: string;
  readonly staging: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const LARGE = 'it holds more than it should';
const SLOW = 'Saving in the Actions cache takes too long; nothing more is saved.';
const IN_FLIGHT = 4;
const BUFFERS = 256 * 1024 * 1024;

/** Nothing is started before there is work. */
export function createSession({ childPath, staging, environment, signal }: Options, standing: Standing): Session {
  const admit = slots(IN_FLIGHT, BUFFERS);
  let opened: Promise<{ readonly root: string; readonly child: CacheProcess } | undefined> | undefined;
  let closed = false;
  const ended = () => closed || signal.aborted;

  async function open() {
    const root = await openStaging(staging);
    const own = childEnvironment(environment, root);
    const child = cacheProcess({ childPath, root, environment: own });
    signal.addEventListener('abort', () => void child.kill(), { once: true });
    if (await hasGnuTar(own)) return { root, child };
    standing.close('The Actions cache is not used: the tar on the PATH is not GNU tar.');
    await removeTree(root);
    return undefined;
  }

  return {
    ended,
    async within(during, buffers, otherwise, work) {
      try {
        opened ??= open();
        const running = await opened;
        if (running === undefined) return otherwise;
        return await admit(buffers, async () => {
          const mayStill = during === 'read' ? standing.reads() : standing.writes();
          if (ended() || !mayStill) return otherwise;
          return work(await openStage(running.root));
        });
      } catch (error) {
        if (!ended()) standing.spoiled(reasonOf(error), during);
        return otherwise;
      }
    },
    async ask(during, request, stage, limits) {
      const running = await opened;
      if (running === undefined || ended()) return {};
      const reply = await running.child.ask({ ...request, folder: stage.path, temp: stage.temp }, limits);
      // The end of the run, or of another operation, says nothing about the service.
      if (ended() || reply.lost === 'killed') return {};
      if (reply.lost === 'large') standing.spoiled(LARGE, during);
      else if (reply.lost === 'slow' && during === 'write') standing.stopWriting(SLOW);
      else if (reply.lost) standing.gone();
      if (reply.lost) return {};
      const fault = faultIn(reply);
      if (fault) standing.fault(fault, during);
      return { answer: reply, fault };
    },
    async close() {
      closed = true;
      const running = await opened?.catch(() => undefined);
      await running?.child.kill();
      if (running) await removeTree(running.root);
    },
  };
}
