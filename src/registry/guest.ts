import type { Seats } from './seats.ts';
import type { Turns } from './transport/turns.ts';

/** The turns of a request that has no connection of those it would share. */
export interface Guest extends Turns {
  /** To be called when it is over. */
  leave(): void;
}

/** Goes by itself until the host refuses it; then it takes its turn with the others, and has one of their connections for as long as it lasts. */
export function newGuest(turns: Turns, { take, leave }: Pick<Seats, 'take' | 'leave'>): Guest {
  let isSeated = false;
  return {
    get progress() {
      return turns.progress;
    },
    get cameAt() {
      return turns.cameAt;
    },
    get several() {
      return turns.several;
    },
    get quietSince() {
      return turns.quietSince;
    },
    refused(tried, asked, now, whose) {
      if (!isSeated) take();
      isSeated = true;
      return turns.refused(tried, asked, now, whose);
    },
    aside: turns.aside,
    leave() {
      if (isSeated) leave();
    },
  };
}
