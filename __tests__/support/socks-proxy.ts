import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A SOCKS5 proxy (RFC 1928, 1929) on a free port of 127.0.0.1 that wants this login, and takes every name for this machine. */
export async function socksProxy(user: string, password: string) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket.on('error', () => {}));
    return socket;
  };
  const login = Buffer.concat([
    Buffer.from([1, user.length]),
    Buffer.from(user),
    Buffer.from([password.length]),
    Buffer.from(password),
  ]);
  const server = createServer((socket) => {
    keep(socket).once('data', () => {
      socket.write(Buffer.from([5, 2]));
      socket.once('data', (given) => {
        if (!login.equals(given)) return socket.end(Buffer.from([1, 1]));
        socket.write(Buffer.from([1, 0]));
        return socket.once('data', (request) => {
          const length = request[4] ?? 0;
          asked.push(request.subarray(5, 5 + length).toString());
          const onward = keep(connect(request.readUInt16BE(5 + length), '127.0.0.1'));
          onward.on('connect', () => socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])));
          onward.pipe(socket).pipe(onward);
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}
