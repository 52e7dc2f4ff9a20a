import { Command, Option } from 'commander';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { indexCommand } from './index-create.ts';
import { inspectCommand } from './inspect.ts';
import { loadCommand } from './load.ts';
import type { LockOptions } from './lock.ts';
import { addLogin } from './login.ts';
import { lsCommand } from './ls.ts';
import { manifestCommand } from './manifest.ts';
import { files, insecureRegistries, MAX_TAGS, mirrors, STORE, tags, withOutgoing } from './options.ts';
import { addPush } from './push.ts';
import { rmCommand } from './rm.ts';
import { type SaveOptions, saveCommand } from './save.ts';
import { addSearch } from './search.ts';
import type { ServeOptions } from './serve.ts';
import type { StoreOptions } from './store.ts';
import { tagCommand } from './tag.ts';

/** What commands have of the terminal they are run in. */
export interface Terminal {
  readonly out: NodeJS.WriteStream;
  readonly input: NodeJS.ReadStream;
  /** One clean line to standard output. */
  readonly say: (line: string) => void;
  /** Beside standard output, which may be an archive. */
  readonly aside: (text: string) => void;
  readonly complain: (line: string) => void;
  /** What the process ends with when it ends by itself. */
  readonly exitWith: (code: number) => void;
}

/** Adds every command but `pull` and `demo`: a terminal that pulls need not load them. */
export function addCommands(root: Command, signal: AbortSignal, terminal: Terminal): void {
  const { out, input, say, aside, complain } = terminal;
  withOutgoing(root.command('save'))
    .description('write one platform of images as one archive for docker load, podman load, ctr images import or kind')
    .argument('<reference...>', 'images, such as redis:7; pulled first if the store lacks them')
    .addHelpText('after', '\nExample:\n  pull-image save redis:7 --platform linux/arm64 > redis.tar')
    .action(async (references: string[], options: SaveOptions) => {
      process.exitCode = await saveCommand(references, options, { out: out, say: aside }, signal);
    });
  root.addCommand(exportCommand({ out: out, say: aside }, signal));
  root.addCommand(importCommand(say, () => input, signal));
  root.addCommand(loadCommand(say, () => input, signal));
  root.addCommand(lsCommand(say));
  root.addCommand(inspectCommand(say));
  root.addCommand(manifestCommand({ say, aside, write: (bytes) => void out.write(bytes) }, signal));
  root.addCommand(rmCommand(say, complain));
  root.addCommand(tagCommand());
  root.addCommand(indexCommand(say));
  addPush(root, signal, process, terminal.exitWith);
  addLogin(root, signal, input, say, complain);
  addSearch(root, signal, say, complain);
  root
    .addCommand(lockProgram(signal, aside))
    .addCommand(serveProgram(signal, say, input))
    .addCommand(storeProgram(say));
}

function lockProgram(signal: AbortSignal, aside: Terminal['aside']): Command {
  return new Command('lock')
    .description('write the digests that images have now into a lock file; pulls none of them')
    .argument('[reference...]', 'images, such as redis:7 (default: those the file has, if there are no --files)')
    .addOption(files())
    .option('--lock-file <file>', 'the file to write', 'pull-image.lock.json')
    .option('--check', 'write nothing; exit with 1 if the file is not what it would be')
    .option('--all-tags', 'every tag of each repository')
    .addOption(tags())
    .option(...MAX_TAGS)
    .option(...STORE)
    .addOption(mirrors())
    .addOption(insecureRegistries())
    .addHelpText('after', '\nExample:\n  pull-image lock --files compose.yml')
    .action(async (references: string[], options: LockOptions) => {
      const { lockCommand } = await import('./lock.ts');
      process.exitCode = await lockCommand(references, options, signal, aside);
    });
}

function serveProgram(signal: AbortSignal, say: Terminal['say'], input: Terminal['input']): Command {
  return new Command('serve')
    .description('serve the store as a registry on this machine, to be pulled from and pushed to, until it is stopped')
    .option('--port <port>', 'the port to listen on; 0 for any that is free', '5000')
    .option(
      '--host <address>',
      'the address to listen on; there is no login, so others on the network could push',
      '127.0.0.1',
    )
    .option('--read-through', 'fetch what the store does not hold from its registry, as a mirror does')
    .option(...STORE)
    .addOption(mirrors())
    .addOption(insecureRegistries())
    .option('--max-concurrent-downloads <number>', 'connections to each registry, with --read-through (default: 8)')
    .addOption(new Option('--inputs-stdin').hideHelp())
    .addHelpText(
      'after',
      '\nExample:\n  pull-image serve --read-through &\n  docker pull localhost:5000/library/redis:7',
    )
    .action(async (options: ServeOptions) => {
      const { serveCommand } = await import('./serve.ts');
      process.exitCode = await serveCommand(options, signal, say, input);
    });
}

function storeProgram(say: Terminal['say']): Command {
  const commands = () => import('./store.ts');
  const store = new Command('store')
    .description('look after the layer store')
    .addHelpText('after', '\nExample:\n  pull-image store verify');
  store
    .command('ls')
    .description('list the images of the store and when each was used, the last first')
    .option(...STORE)
    .addHelpText('after', '\nExample:\n  pull-image store ls')
    .action(async (options: StoreOptions) => {
      process.exitCode = await (await commands()).storeLs(options, say);
    });
  store
    .command('verify')
    .description('hash every blob again, and remove those that are wrong')
    .option(...STORE)
    .addHelpText('after', '\nExample:\n  pull-image store verify --store /mnt/images')
    .action(async (options: StoreOptions) => {
      process.exitCode = await (await commands()).storeVerify(options, say);
    });
  store
    .command('sweep')
    .description('remove the least recently used images until the rest fits; never what a job uses')
    .requiredOption('--max-size <size>', 'what the store may take, such as 20GB')
    .option(...STORE)
    .addHelpText('after', '\nExample:\n  pull-image store sweep --max-size 5GB')
    .action(async (options: StoreOptions) => {
      process.exitCode = await (await commands()).storeSweep(options, say);
    });
  return store;
}
