import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface UploadCutter {
  /** `127.0.0.1:PORT`, to be asked in place of the server. */
  readonly host: string;
  /** Bytes that went up so far. */
  sent(): number;
  /** Breaks every connection that has taken up so many bytes, as often as there are numbers; each counts from the break before. */
  cutAfter(bytes: readonly number[]): void;
  /** How many numbers are left. */
  left(): number;
  close(): Promise<void>;
}

/** Passes bytes on to a server, and breaks connections on their way up when told to. */
export async function uploadCutter(target: string): Promise<UploadCutter> {
  const open = new Set<Socket>();
  let total = 0;
  let since = 0;
  let plan: number[] = [];
  const [host = '', port = ''] = target.split(':');
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    for (const socket of [client, upstream])
      open.add(socket.on('error', () => {}).on('close', () => open.delete(socket)));
    upstream.pipe(client);
    client.on('end', () => upstream.end());
    client.on('data', (bytes: Buffer) => {
      total += bytes.byteLength;
      since += bytes.byteLength;
      const limit = plan[0];
      if (limit === undefined || since < limit) return void upstream.write(bytes);
      plan = plan.slice(1);
      since = 0;
      // What came before the cut arrives, as with a cable that is pulled.
      upstream.end(bytes.subarray(0, bytes.byteLength >> 1));
      client.resetAndDestroy();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => total,
    cutAfter(bytes) {
      plan = [...bytes];
      since = 0;
    },
    left: () => plan.length,
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
