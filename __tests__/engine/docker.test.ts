import { type AddressInfo, connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';
import { connectDocker, type DockerOptions } from '../../src/engine/docker.ts';
import { dockerHost } from '../../src/engine/docker-host.ts';
import { offerImage } from '../../src/server/offer.ts';
import { engineContract } from '../contracts/engine.contract.ts';
import { removeImages } from '../support/docker-cli.ts';
import { dockerTest, hasDocker } from '../support/real-parts.ts';

const realDocker = (options: DockerOptions) => async () => {
  const host = dockerHost(process.env);
  if (!host) throw new Error('no Docker daemon');
  const engine = await connectDocker(host, new AbortController().signal, options);
  return { engine, dispose: removeImages };
};

/** The same daemon as one on another machine. */
async function dockerOverTcp() {
  const host = dockerHost(process.env);
  if (host?.kind !== 'socket') throw new Error('no Docker daemon behind a socket');
  const server = createServer((client) => {
    const daemon = connect(host.socketPath);
    pipeline(client, daemon, client, () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const remote = dockerHost({ DOCKER_HOST: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` });
  if (!remote) throw new Error('DOCKER_HOST is set');
  const unheard = async () => {
    throw new Error('another machine does not reach our loopback');
  };
  const engine = await connectDocker(remote, new AbortController().signal, { offerImage: unheard });
  const dispose: typeof removeImages = async (...args) => {
    await removeImages(...args);
    await new Promise((resolve) => server.close(resolve));
  };
  return { engine, dispose };
}

engineContract('Docker that is sent images', realDocker({}), dockerTest(), hasDocker());
engineContract('Docker that pulls them from loopback', realDocker({ offerImage }), dockerTest(), hasDocker());
engineContract('Docker behind TCP', dockerOverTcp, dockerTest(), hasDocker());
