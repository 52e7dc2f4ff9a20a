import { createLogUpdate } from 'log-update';
import { count, formatBytes, formatSeconds } from '../lib/format.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import type { PullEvent } from '../outcome.ts';

export type Progress = Extract<PullEvent, { type: 'progress' }>;

/** What of a stream the bars are drawn on. */
export type Terminal = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** Bars at the bottom of a terminal: one for all, and above it one for each blob that is on its way. */
export interface Bar {
  /** Draws them, at most ten times a second; when all is done they are gone. */
  show(progress: Progress): void;
  /** Told of a blob that needs no line any more. */
  stored(digest: Digest): void;
  /** Writes whole lines above them. */
  write(text: string): void;
  /** Takes them away for good. */
  close(): void;
}

type Arriving = NonNullable<Progress['blob']>;

const EVERY_MS = 100;
/** What is here sooner gets no line: nobody could read it. */
const LINE_MS = 500;
/** The bar for all, and the line the cursor is on. */
const OWN_ROWS = 2;

/** Bars that are not drawn yet; `now` is in milliseconds since any fixed moment, and the download has begun. */
export function progressBar(stream: Terminal, now: () => number = Date.now): Bar {
  // The cursor stays: nothing is to be put right if the process is killed.
  const screen = createLogUpdate(stream, { showCursor: true });
  const startedAt = now();
  const arriving = new Map<Digest, { readonly since: number; blob: Arriving }>();
  let drawnAt = Number.NEGATIVE_INFINITY;
  let frame: string | undefined;

  const clear = () => {
    if (frame !== undefined) screen.clear();
  };
  const note = (blob: Arriving) => {
    const known = arriving.get(blob.digest);
    if (blob.arrived <= 0) arriving.delete(blob.digest);
    else if (known) known.blob = blob;
    else arriving.set(blob.digest, { since: now(), blob });
  };
  const frameOf = (progress: Progress): string => {
    const { columns = 80, rows = 24 } = stream;
    const slow = [...arriving.values()].filter(({ since }) => drawnAt - since >= LINE_MS);
    const blobs = slow.slice(0, Math.max(0, rows - OWN_ROWS)).map(({ blob }) => blob);
    return barLines(progress, blobs, (drawnAt - startedAt) / 1000, columns).join('\n');
  };
  return {
    show(progress) {
      if (progress.blob) note(progress.blob);
      if (progress.layersDone === progress.layers) {
        clear();
        frame = undefined;
      } else if (now() - drawnAt >= EVERY_MS) {
        drawnAt = now();
        frame = frameOf(progress);
        screen(frame);
      }
    },
    stored: (digest) => void arriving.delete(digest),
    write(text) {
      clear();
      stream.write(text);
      if (frame !== undefined) screen(frame);
    },
    close() {
      clear();
      frame = undefined;
    },
  };
}

const NARROWEST = 10;
const WIDEST = 40;
/** Before that a rate says nothing. */
const FIRST_SECONDS = 1;

/**
 * A line for each of the blobs, and one for all below them, none wider than the columns of the terminal: a bar where there is room for one, the same for all, then
 * what is known in figures.
 */
export function barLines(
  { received, expected, layersDone, layers }: Progress,
  blobs: readonly Arriving[],
  seconds: number,
  columns: number,
): readonly string[] {
  const share = shareOf(received, expected);
  const rate = seconds < FIRST_SECONDS ? 0 : Math.max(0, received / seconds);
  const text = figures(share, received, expected, [
    `${layersDone} of ${count(layers, 'blob')}`,
    ...(rate > 0 ? [`${(rate / 1e6).toFixed(1)} MB/s`, `${formatSeconds((expected - received) / rate)} left`] : []),
  ]);
  const blobLines = blobs.map(({ digest, size, arrived }) => {
    const part = shareOf(arrived, size);
    return { part, text: figures(part, arrived, size, [shortDigest(digest)]) };
  });
  const lines = [...blobLines, { part: share, text }];
  const longest = Math.max(...lines.map((line) => line.text.length));
  const width = Math.min(WIDEST, columns - longest - 2);
  return lines.map((line) => {
    if (width < NARROWEST) return line.text.slice(0, Math.max(0, columns - 1));
    const filled = Math.round(line.part * width);
    return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${line.text}`;
  });
}

const shareOf = (bytes: number, of: number): number => (of > 0 ? Math.min(1, Math.max(0, bytes / of)) : 0);

function figures(share: number, bytes: number, of: number, more: readonly string[]): string {
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return [percent, `${formatBytes(Math.max(0, bytes))} of ${formatBytes(of)}`, ...more].join('  ');
}
