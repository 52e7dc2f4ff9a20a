import { connectDocker } from '../../src/engine/docker.ts';
import { dockerHost } from '../../src/engine/docker-host.ts';
import { engineContract } from '../contracts/engine.contract.ts';
import { removeImages } from '../support/docker-cli.ts';
import { dockerTest, hasDocker } from '../support/real-parts.ts';

async function realDocker() {
  const host = dockerHost(process.env);
  if (!host) throw new Error('no Docker daemon');
  return { engine: await connectDocker(host, new AbortController().signal), dispose: removeImages };
}

engineContract('Docker', realDocker, dockerTest(), hasDocker());
