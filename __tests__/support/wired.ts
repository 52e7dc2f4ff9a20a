import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PullEvent, PullOutcome } from '../../src/outcome.ts';
import { pull } from '../../src/pull/pull.ts';
import { parseSettings, type RawSettings } from '../../src/settings.ts';
import { wire } from '../../src/wire.ts';

export interface Wiring {
  /** Pulls as the action would in this environment; events are those of the last pull. */
  pull(raw: RawSettings, environment?: Readonly<Record<string, string | undefined>>): Promise<PullOutcome>;
  readonly events: PullEvent[];
  readonly store: string;
  /** Empties the store. */
  forget(): Promise<void>;
  dispose(): Promise<void>;
}

/** Everything that `wire` builds, over a store in a temporary folder. */
export async function wired(): Promise<Wiring> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pull-image-wired-'));
  const store = path.join(folder, 'store');
  const events: PullEvent[] = [];
  return {
    events,
    store,
    async pull(raw, environment = {}) {
      events.length = 0;
      const report = (event: PullEvent) => void events.push(event);
      const world = { environment, store, report, signal: new AbortController().signal };
      const settings = parseSettings(raw);
      const { ports, close } = await wire(settings, world);
      try {
        return await pull(settings.request, ports);
      } finally {
        await close();
      }
    },
    forget: () => rm(store, { recursive: true, force: true }),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
