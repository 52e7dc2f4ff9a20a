import { connect, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Where a connection goes, and how it is made. */
export interface Line {
  readonly url: URL;
  readonly connectMs: number;
  readonly silenceMs: number;
  /** False if the certificate need not be vouched for. */
  readonly vouched: boolean;
  /** Looks names up, and refuses addresses that may not be connected to. */
  readonly lookup?: LookupFunction | undefined;
  /** Ends the attempt to make it, and nothing afterwards. */
  readonly ends?: AbortSignal | undefined;
}

/** Who hears what a connection says. */
export interface Listener {
  /** Where the next bytes are to be put; never empty. */
  room(): Buffer;
  /** What has come, in the last `room` or elsewhere; false if no more may come for now. */
  bytes(bytes: Buffer): boolean;
  /** No bytes for so long as `silenceMs`. */
  silence(): void;
  /** It is over; without an error the other side closed it. */
  over(error?: Error): void;
}

/** A connection whose bytes go where its listener wants them: no stream, no copy, no buffer of its own. */
export interface RangeSocket {
  readonly socket: Socket;
  /** Who listens from now on; nobody between two exchanges. */
  listener: Listener | undefined;
}

const NOWHERE = Buffer.allocUnsafeSlow(1024);

/** Opens a connection; rejects if none comes about. */
export function openRangeSocket(
  { url, connectMs, silenceMs, vouched, lookup, ends }: Line,
  signal: AbortSignal,
): Promise<RangeSocket> {
  return new Promise((resolve, reject) => {
    // Room is asked for while the connection is being made.
    let opened: RangeSocket | undefined;
    const tls = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const onread = {
      buffer: () => opened?.listener?.room() ?? NOWHERE,
      callback: (count: number, buffer: Uint8Array) => {
        const listener = opened?.listener;
        // Nobody asked for anything: whatever this is, it is no answer.
        if (!listener) socket.destroy();
        return listener?.bytes(Buffer.from(buffer.buffer, buffer.byteOffset, count)) ?? false;
      },
    };
    const options = {
      host,
      port: Number(url.port || (tls ? 443 : 80)),
      onread,
      noDelay: true,
      autoSelectFamily: true,
      ...(lookup ? { lookup } : {}),
    };
    const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const socket: Socket = tls
      ? connectTls({ ...options, ...name, rejectUnauthorized: vouched, ALPNProtocols: ['http/1.1'] })
      : connect(options);
    const line: RangeSocket = { socket, listener: undefined };
    opened = line;
    const abort = () => socket.destroy();
    const timer = setTimeout(() => socket.destroy(), connectMs);
    signal.addEventListener('abort', abort);
    ends?.addEventListener('abort', abort);
    let failure: Error | undefined;
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      ends?.removeEventListener('abort', abort);
      socket.setTimeout(silenceMs, () => line.listener?.silence());
      resolve(line);
    });
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('close', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      reject(failure ?? new Error('closed'));
      line.listener?.over(failure);
    });
    if (signal.aborted || ends?.aborted) abort();
  });
}
