import { afterEach, beforeEach } from '@jest/globals';
import { closeClients } from './client.ts';
import { closeServers, type Script, type ScriptedServer, scriptedServer } from './scripted-server.ts';

/** The scripted server of the test that runs. */
export interface ScriptedRegistry extends Omit<ScriptedServer, 'close'> {
  /** What it does with a request; each test says its own. */
  script: Script;
}

/** A scripted server for each test of the file or block that calls this; it is closed after the test, and so are the clients it opened. */
export function scriptedRegistry(): ScriptedRegistry {
  const untold: Script = () => {
    throw new Error('the test has given no script');
  };
  let server: ScriptedServer;
  const registry: ScriptedRegistry = {
    script: untold,
    get host() {
      return server.host;
    },
    get origin() {
      return server.origin;
    },
    get requests() {
      return server.requests;
    },
    lines: () => server.lines(),
  };
  beforeEach(async () => {
    registry.script = untold;
    server = await scriptedServer((request, response) => registry.script(request, response));
  });
  afterEach(async () => {
    await closeClients();
    await closeServers();
  });
  return registry;
}
