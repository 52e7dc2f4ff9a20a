import { type Listener, type Place, placeHere, placeInThread, type Seat } from './fill-place.ts';
import type { Bring } from './fill-thread.ts';

/** Places where files are filled; no thread is started before it is asked for. */
export interface FillPool {
  /** A place for one more file, the one with the fewest bytes to come. */
  take(size: number): { join: (listener: Listener) => Seat };
  /** Starts the threads for so many files that are soon to be taken, so that they are up by then. */
  expect(files: number): void;
  /** Ends the threads; files that are being filled fail. */
  close(): Promise<void>;
}

export interface FillPoolOptions {
  /** What the threads run: the bundle of `fill-worker`. */
  readonly path: string;
  /** How many files are filled side by side, at most. */
  readonly places: number;
  /** Makes the thread that asks one of the places: where there are few processors, another thread for its work only costs its start. */
  readonly here?: Bring | undefined;
}

/** So many places, none of which keeps the process alive but while it fills a file. */
export function fillPool({ path, places: most, here }: FillPoolOptions): FillPool {
  const places: Place[] = here ? [placeHere(here)] : [];

  function lightest(): Place {
    const [idle] = places.filter(({ over }) => !over).sort((a, b) => a.bytes - b.bytes);
    return idle && (idle.bytes === 0 || places.length >= most) ? idle : start();
  }

  function start(): Place {
    const fresh = placeInThread(path, (place) => places.splice(places.indexOf(place), 1));
    places.push(fresh);
    return fresh;
  }

  return {
    expect(files) {
      while (places.length < Math.min(files, most)) start();
    },
    take(size) {
      const place = lightest();
      return { join: (listener) => place.join(listener, size) };
    },
    close: async () => void (await Promise.all(places.map((place) => place.end()))),
  };
}
