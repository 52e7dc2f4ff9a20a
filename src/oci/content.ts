/** Bytes of a blob and where in it they belong; they have a buffer of their own, which belongs to whoever takes the piece. */
export interface Piece {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** The bytes of a blob: chunks, each where the last one ended and good until the next is asked for, or else pieces. */
export type Content = AsyncIterable<Uint8Array | Piece>;

/** Bytes from `start` up to, not including, `end`; both at most the size of the blob. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}
