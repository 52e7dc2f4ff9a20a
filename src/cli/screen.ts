import type { Write } from '../github/commands.ts';
import type { PullEvent } from '../outcome.ts';
import type { Bar, Progress, Terminal } from './progress.ts';

/** Where lines go, and on a terminal bars below them. */
export interface Screen {
  readonly write: Write;
  /** Told of every event; true for those that the bar says. */
  readonly takes: (event: PullEvent) => boolean;
  close(): void;
}

/** True for a terminal on which bars can be drawn: it knows its size, as in some containers none does, and can move its cursor, as TERM=dumb cannot. */
export const takesBars = ({ isTTY, columns = 0 }: Terminal, { TERM }: NodeJS.ProcessEnv): boolean =>
  isTTY === true && columns > 0 && TERM !== 'dumb';

/** Where what went wrong is said: on standard error, and above the bars where it is the terminal they are drawn on. */
export const complainTo = (stderr: Terminal, lines: Terminal, { write }: Screen): Write =>
  lines === stderr || (lines.isTTY && stderr.isTTY) ? write : (text) => void stderr.write(text);

/**
 * Plain lines on a stream; with `bars` a bar besides, while there is something to download or to push. What draws it is loaded when that is under way, and not
 * at all elsewhere, so it delays nothing.
 */
export function openScreen(stream: Terminal, bars: boolean): Screen {
  let bar: Bar | undefined;
  let closed = false;
  let pushing = false;
  const open = async () => {
    const { progressBar } = await import('./progress.ts');
    if (!closed) bar = progressBar(stream);
  };
  return {
    write: (text) => {
      if (bar) bar.write(text);
      else stream.write(text);
    },
    takes(event) {
      if (!bars) return false;
      if (event.type === 'planned' && event.missing > 0) void open();
      if (event.type === 'pushing' && event.sent > 0 && !pushing) {
        pushing = true;
        bar?.close();
        void open();
      }
      if (event.type === 'stored') bar?.stored(event.blob.digest);
      const progress = progressOf(event);
      if (progress) bar?.show(progress);
      return progress !== undefined;
    },
    close() {
      closed = true;
      bar?.close();
    },
  };
}

/** What the bar draws of an event, if it is one of those that it says. */
function progressOf(event: PullEvent): Progress | undefined {
  if (event.type === 'progress') return event;
  if (event.type !== 'pushing') return undefined;
  const { sent, expected, blobsDone, blobs } = event;
  return { type: 'progress', received: sent, expected, layersDone: blobsDone, layers: blobs };
}
