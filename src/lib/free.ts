/** As an ArrayBuffer is from Node 21 on. */
interface Transferable {
  transfer?(size: number): unknown;
}

/** Gives memory back at once that nobody will look at again; before Node 21 the garbage collector does it in its own time. Only for bytes with a buffer of their own. */
export function free({ buffer }: Uint8Array): void {
  (buffer as Transferable).transfer?.(0);
}
