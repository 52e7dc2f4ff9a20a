import type { Write } from '../github/commands.ts';
import type { PullEvent } from '../outcome.ts';
import type { Bar, Terminal } from './progress.ts';

/** Where lines go, and on a terminal a bar below them. */
export interface Screen {
  readonly write: Write;
  /** Told of every event; true for those that the bar says. */
  readonly takes: (event: PullEvent) => boolean;
  close(): void;
}

/**
 * Plain lines on a stream; with `bars` a bar besides, while there is something to download. What draws it is loaded when the download is under way, and not
 * at all elsewhere, so it delays nothing.
 */
export function openScreen(stream: Terminal, bars: boolean): Screen {
  let bar: Bar | undefined;
  let closed = false;
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
      if (event.type === 'progress') bar?.show(event);
      return event.type === 'progress';
    },
    close() {
      closed = true;
      bar?.close();
    },
  };
}
