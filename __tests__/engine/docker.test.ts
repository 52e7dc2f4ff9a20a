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

engineContract('Docker that is sent images', realDocker({}), dockerTest(), hasDocker());
engineContract('Docker that pulls them from loopback', realDocker({ offerImage }), dockerTest(), hasDocker());
