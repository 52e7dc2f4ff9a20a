import { createLogUpdate } from 'log-update';
import { count, formatBytes, formatSeconds } from '../lib/format.ts';
import type { PullEvent } from '../outcome.ts';

export type Progress = Extract<PullEvent, { type: 'progress' }>;

/** What of a stream the bar is drawn on. */
export type Terminal = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** A bar at the bottom of a terminal. */
export interface Bar {
  /** Draws it, at most ten times a second; when all is done it is gone. */
  show(progress: Progress): void;
  /** Writes whole lines above it. */
  write(text: string): void;
  /** Takes it away for good. */
  close(): void;
}

const EVERY_MS = 100;

/** A bar that is not drawn yet; `now` is in milliseconds since any fixed moment, and the download has begun. */
export function progressBar(stream: Terminal, now: () => number = Date.now): Bar {
  // The cursor stays: nothing is to be put right if the process is killed.
  const screen = createLogUpdate(stream, { showCursor: true });
  const startedAt = now();
  let drawnAt = Number.NEGATIVE_INFINITY;
  let line: string | undefined;

  const clear = () => {
    if (line !== undefined) screen.clear();
  };
  return {
    show(progress) {
      if (progress.layersDone === progress.layers) {
        clear();
        line = undefined;
      } else if (now() - drawnAt >= EVERY_MS) {
        drawnAt = now();
        line = barLine(progress, (drawnAt - startedAt) / 1000, stream.columns ?? 80);
        screen(line);
      }
    },
    write(text) {
      clear();
      stream.write(text);
      if (line !== undefined) screen(line);
    },
    close() {
      clear();
      line = undefined;
    },
  };
}

const NARROWEST = 10;
const WIDEST = 40;
/** Before that a rate says nothing. */
const FIRST_SECONDS = 1;

/** One line no wider than the columns of the terminal: a bar where there is room for one, then what is known in figures. */
export function barLine(
  { received, expected, layersDone, layers }: Progress,
  seconds: number,
  columns: number,
): string {
  const share = expected > 0 ? Math.min(1, Math.max(0, received / expected)) : 0;
  const rate = seconds < FIRST_SECONDS ? 0 : Math.max(0, received / seconds);
  const facts = [
    `${Math.floor(share * 100)}%`.padStart(4),
    `${formatBytes(Math.max(0, received))} of ${formatBytes(expected)}`,
    `${layersDone} of ${count(layers, 'blob')}`,
    ...(rate > 0 ? [`${(rate / 1e6).toFixed(1)} MB/s`, `${formatSeconds((expected - received) / rate)} left`] : []),
  ];
  const text = facts.join('  ');
  const width = Math.min(WIDEST, columns - text.length - 2);
  if (width < NARROWEST) return text.slice(0, Math.max(0, columns - 1));
  const filled = Math.round(share * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${text}`;
}
