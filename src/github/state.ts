import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { EOL } from 'node:os';
import path from 'node:path';
import type { KeptImage, PullEvent, Report } from '../outcome.ts';
import type { CacheRule } from './cache-rule.ts';
import { reasonOf } from './wording.ts';

/** What main tells post: all that post needs, so that it reads no input again. */
export interface State {
  /** Absolute path of the layer store. */
  readonly store: string;
  readonly storeMaxSize: number;
  readonly rule: CacheRule;
  readonly cacheMaxSave: number;
  readonly quiet: boolean;
  /** The marks of this step in the store. */
  readonly leases: readonly string[];
  /** Images that are complete in the store. */
  readonly images: readonly KeptImage[];
  /** True if main was interrupted: then the runner is in a hurry. */
  readonly interrupted: boolean;
}

const NAME = 'pull';

const LOST = 'The end of the job will not know of this step, so nothing of it is saved to the cache';

/** What is known before anything is pulled. */
export type Frame = Omit<State, 'leases' | 'images' | 'interrupted'>;

/** Notes what post must know while events go by to where they are printed. */
export interface StateRecorder {
  readonly report: Report;
  /** Hands to post what is known by now; a later call replaces an earlier one. */
  save(interrupted: boolean): void;
}

/**
 * Keeps the state in a file, for the runner hands states on in the environment, where 128 KiB is too much; one that cannot be kept is a warning. `folder` is
 * the runner's temp folder.
 */
export function stateRecorder(frame: Frame, next: Report, folder: string): StateRecorder {
  const file = path.join(folder, `pull-image-state-${randomUUID()}.json`);
  const leases: string[] = [];
  const images: KeptImage[] = [];
  let told = false;
  let lost = false;
  // Written at once and whole: the process may be about to end.
  function save(interrupted: boolean): void {
    try {
      writeFileSync(file, JSON.stringify({ ...frame, leases, images, interrupted } satisfies State));
      if (!told) hand(file);
      told = true;
    } catch (error) {
      if (!lost) next({ type: 'warning', message: `${LOST}: ${reasonOf(error)}` });
      lost = true;
    }
  }
  return {
    save,
    report(event: PullEvent) {
      if (event.type === 'kept') images.push(event.image);
      if (event.type === 'leased') {
        leases.push(event.lease);
        save(false);
      }
      next(event);
    },
  };
}

/** A state as the runner takes it from an action ("Workflow commands for GitHub Actions", github/docs): at once, so that a library is not loaded first. */
function hand(value: string, states = process.env.GITHUB_STATE): void {
  const end = `ghadelimiter_${randomUUID()}`;
  if (states) appendFileSync(states, [`${NAME}<<${end}`, value, end, ''].join(EOL));
}

/** The state main left; undefined if it never came so far. */
export function readState(): State | undefined {
  try {
    const file = process.env[`STATE_${NAME}`] ?? '';
    return file === '' ? undefined : (JSON.parse(readFileSync(file, 'utf8')) as State);
  } catch {
    return undefined;
  }
}
