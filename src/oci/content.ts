/** Bytes of a blob and where in it they belong; they have a buffer of their own, which belongs to whoever takes the piece. */
export interface Piece {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** Bytes of a blob that its filler has put into the file already; of none, if there is only something to look after. */
export interface Landed {
  readonly position: number;
  readonly landed: number;
}

/** Asks whoever keeps the content for a thread that fills the file; whoever has none goes by it. */
export interface Offer {
  readonly offer: (filler: Filler) => void;
}

/** A thread that fills the file of one blob. It writes and hashes each byte once, whoever brings it. */
export interface Filler {
  /**
   * Has bytes brought into the file as the order says, which only the two who bring know to read; what is told of it ends with `over` or `refused`. Returns the
   * way to break it off, after which nothing is told.
   */
  bring(order: unknown, hear: (told: Told) => void): () => void;
  /** Orders that its thread is at work on, those for other files among them. */
  readonly underWay: number;
  /** Resolves if the file cannot be filled any more; why is for its keeper to say. */
  readonly failed: Promise<void>;
}

/**
 * What becomes of an order: the answer is as plain as it must be; all bytes up to a position are in the file; nothing came of it, and others may ask, unless there
 * was an answer, which only the two who bring know to read; no more comes.
 */
export type Told =
  | { readonly type: 'begun' }
  | { readonly type: 'landed'; readonly to: number }
  | { readonly type: 'refused'; readonly answer?: unknown }
  | { readonly type: 'over'; readonly error?: { readonly message: string; readonly code?: string | undefined } };

/** The bytes of a blob: chunks, each where the last one ended and good until the next is asked for, or else pieces. */
export type Content = AsyncIterable<Part>;

/** What content comes in. */
export type Part = Uint8Array | Piece | Landed | Offer;

/** Bytes from `start` up to, not including, `end`; both at most the size of the blob. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}
