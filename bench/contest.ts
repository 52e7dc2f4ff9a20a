import { execFileSync } from 'node:child_process';
import type { Contestant } from './contestants.ts';
import { mb, median, ms, say, table } from './figures.ts';
import { inFolder } from './folder.ts';
import { type Command, type Measured, measure } from './measure.ts';
import { bytesOf, type Endpoint } from './registries.ts';

export interface Run extends Measured {
  readonly requests: readonly string[];
  readonly bytes: number;
}

/** One pull into an empty folder, which is gone afterwards. */
export async function runOnce(contestant: Contestant, image: string, endpoint: Endpoint): Promise<Run> {
  return inFolder(async (folder) => {
    // What another left to be written would be written in the time of this one.
    execFileSync('sync');
    const run = await measured(contestant.command(image, folder, endpoint), endpoint);
    contestant.forget?.();
    return run;
  });
}

/** A command, and what the registry saw of it. */
export async function measured(command: Command, endpoint: Endpoint): Promise<Run> {
  await endpoint.requests();
  const run = await measure(command);
  const requests = await endpoint.requests();
  return { ...run, requests, bytes: bytesOf(requests) };
}

/**
 * Every contestant once a round, each round begun by another and every second one backwards: whatever the machine does besides meets them all, and nobody always
 * comes after the same. Who fails is said to, and out.
 */
export async function takeTurns<T extends string | { readonly name: string }>(
  contestants: readonly T[],
  rounds: number,
  once: (contestant: T) => Promise<Run>,
): Promise<ReadonlyMap<string, readonly Run[]>> {
  const nameOf = (contestant: T): string => (typeof contestant === 'string' ? contestant : contestant.name);
  const runs = new Map<string, Run[]>(contestants.map((contestant) => [nameOf(contestant), []]));
  for (let round = 0; round < rounds; round += 1) {
    const first = round % contestants.length;
    const order = [...contestants.slice(first), ...contestants.slice(0, first)];
    for (const contestant of round % 2 === 0 ? order : order.reverse()) {
      const name = nameOf(contestant);
      try {
        const run = runs.has(name) ? await once(contestant) : undefined;
        if (run) runs.get(name)?.push(run);
        process.stderr.write(`${name}: ${run ? ms(run.wallMs) : 'out'}\n`);
      } catch (error) {
        runs.delete(name);
        say(`${name} failed: ${error instanceof Error ? error.message : error}\n`);
      }
    }
  }
  return runs;
}

export const wallOf = (runs: readonly Run[]): number => median(runs.map(({ wallMs }) => wallMs));

/** The medians of runs as Markdown, in a contest beside that of the fastest peer. */
export function standings(runs: ReadonlyMap<string, readonly Run[]>, fastest?: number): string {
  const contested = fastest !== undefined && Number.isFinite(fastest);
  const rows = [...runs].map(([name, some]) => {
    const of = (value: (run: Run) => number) => median(some.map(value));
    const walls = some.map(({ wallMs }) => wallMs);
    return [
      name,
      ms(wallOf(some)),
      `${ms(Math.min(...walls))} to ${ms(Math.max(...walls))}`,
      ...(contested ? [(wallOf(some) / fastest).toFixed(2)] : []),
      `${of(({ cpuSeconds }) => cpuSeconds).toFixed(2)} s`,
      mb(of(({ peakBytes }) => peakBytes)),
      String(of(({ requests }) => requests.length)),
      mb(of(({ bytes }) => bytes)),
    ];
  });
  const ratio = contested ? ['× fastest peer'] : [];
  return table(['', 'wall', 'from … to', ...ratio, 'CPU', 'peak memory', 'requests', 'received'], rows);
}
