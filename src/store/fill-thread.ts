import { PullError } from '../errors.ts';
import type { Told } from '../ports.ts';
import { type FillFile, fillFile } from './fill-file.ts';
import type { Failure, FromThread, ToThread } from './fill-messages.ts';

/** Brings bytes from elsewhere: gives them to `put` at once, tells how it goes, and returns the way to break it off. */
export type Bring = (
  what: unknown,
  put: (position: number, bytes: Uint8Array) => void,
  tell: (told: Told) => void,
) => () => void;

interface Open {
  readonly file: FillFile;
  readonly orders: Map<number, () => void>;
  failed: boolean;
}

/** Milliseconds. More often nobody needs to know how far it is, and each message is work for two threads. */
const TELL_MS = 50;

/** The work of a thread that fills files: takes what it is told, says what becomes of it; the files are opened and closed by others. */
export function fillThread(
  bring: Bring,
  say: (message: FromThread, transfer?: readonly ArrayBuffer[]) => void,
): (message: ToThread) => void {
  const files = new Map<number, Open>();

  /** Does what may fail; whatever fails is the end of the file. */
  function attempt(id: number, open: Open, work: () => void): void {
    if (open.failed) return;
    try {
      work();
    } catch (error) {
      open.failed = true;
      for (const stop of open.orders.values()) stop();
      open.orders.clear();
      say({ type: 'failed', file: id, error: failureOf(error) });
    }
  }

  function begin(id: number, open: Open, order: number, what: unknown): void {
    let landed = 0;
    let told = { to: 0, at: performance.now() };
    const tell = (news: Told) => say({ type: 'told', file: id, order, told: news, written: open.file.written() });
    const tellLanded = () => {
      if (landed === told.to) return;
      told = { to: landed, at: performance.now() };
      tell({ type: 'landed', to: landed });
    };
    const put = (position: number, bytes: Uint8Array) =>
      attempt(id, open, () => {
        open.file.put(position, bytes);
        landed = position + bytes.byteLength;
        if (performance.now() - told.at > TELL_MS) tellLanded();
      });
    const hear = (news: Told) => {
      if (!open.orders.has(order)) return;
      if (news.type === 'over' || news.type === 'refused') open.orders.delete(order);
      tellLanded();
      tell(news);
    };
    open.orders.set(order, () => {});
    open.orders.set(order, bring(what, put, hear));
  }

  function close(id: number): void {
    for (const stop of files.get(id)?.orders.values() ?? []) stop();
    files.delete(id);
    say({ type: 'closed', file: id });
  }

  return (message) => {
    const { file: id } = message;
    if (message.type === 'open') {
      const file = fillFile(message.fd, message.path, message.blob);
      files.set(id, { file, orders: new Map(), failed: false });
    }
    if (message.type === 'close') close(id);
    const open = files.get(id);
    if (!open) return;
    if (message.type === 'write') {
      const { position, bytes } = message;
      attempt(id, open, () => open.file.put(position, bytes));
      // The buffer goes back to where it came from.
      const transfer = bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
      say({ type: 'wrote', file: id, bytes, written: open.file.written() }, transfer);
    }
    if (message.type === 'bring' && !open.failed) begin(id, open, message.order, message.what);
    if (message.type === 'breakOff') {
      open.orders.get(message.order)?.();
      open.orders.delete(message.order);
    }
    if (message.type === 'prove')
      attempt(id, open, () => {
        open.file.prove();
        say({ type: 'proved', file: id });
      });
  };
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof PullError)) return { code: 'STORE_UNUSABLE', subject: 'layer', reason: String(error) };
  const { code, subject, reason, hint } = error;
  return { code, subject, reason, hint };
}
