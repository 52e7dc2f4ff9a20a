import * as core from '@actions/core';
import type { KeptImage, PullEvent, Report } from '../outcome.ts';
import type { CacheRule } from './cache-rule.ts';

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

/** What is known before anything is pulled. */
export type Frame = Omit<State, 'leases' | 'images' | 'interrupted'>;

/** Notes what post must know while events go by to where they are printed. */
export interface StateRecorder {
  readonly report: Report;
  /** Hands to post what is known by now; a later call replaces an earlier one. */
  save(interrupted: boolean): void;
}

export function stateRecorder(frame: Frame, next: Report): StateRecorder {
  const leases: string[] = [];
  const images: KeptImage[] = [];
  return {
    report(event: PullEvent) {
      if (event.type === 'kept') images.push(event.image);
      if (event.type === 'leased') leases.push(event.lease);
      next(event);
    },
    save: (interrupted) =>
      core.saveState(NAME, JSON.stringify({ ...frame, leases, images, interrupted } satisfies State)),
  };
}

/** The state main left; undefined if it never came so far. */
export function readState(): State | undefined {
  try {
    const text = core.getState(NAME);
    return text === '' ? undefined : (JSON.parse(text) as State);
  } catch {
    return undefined;
  }
}
