import { Command } from 'commander';
import type { LockOptions } from './cli/lock.ts';
import { type PullOptions, pullCommand } from './cli/pull.ts';
import type { SaveOptions } from './cli/save.ts';
import type { ServeOptions } from './cli/serve.ts';
import type { StoreOptions } from './cli/store.ts';
import { isCancelled, PullError } from './errors.ts';
import { errorText } from './github/wording.ts';
import { onReaderGone, onSignals } from './interrupt.ts';
import { cleanLine } from './lib/clean.ts';
import { VERSION } from './wire.ts';

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];
const say = (line: string): void => void process.stdout.write(`${cleanLine(line)}\n`);

/** Standard output may be an archive: what is to be read goes beside it. */
const aside = (text: string): void => void process.stderr.write(text);

function program(signal: AbortSignal): Command {
  const root = new Command('pull-image')
    .description('Brings container images onto this machine: each byte once, every byte verified.')
    .version(VERSION)
    .showHelpAfterError();
  root
    .command('demo', { isDefault: true })
    .description('show a cold and a warm pull on a registry of its own, on this machine alone (the default)')
    .action(async () => {
      const { demo } = await import('./demo.ts');
      process.exitCode = await demo(signal);
    });
  root
    .command('pull')
    .description('pull images into the store and hand them to the engine')
    .argument('[reference...]', 'images, such as redis:7 or ghcr.io/org/app@sha256:…')
    .option(...FILES)
    .option('--platform <platform>', 'linux/arm64, or all; may be given several times', collect, [])
    .option('--all-tags', 'every tag of each repository')
    .option(...TAGS)
    .option('--max-tags <number>', 'with --all-tags, refuse more than this (default: 50)')
    .option('--lock-file <file>', 'pull exactly the digests this file has')
    .option('--update-lock', 'write the lock file anew instead')
    .option('--pull-policy <policy>', 'always, missing or never (default: always)')
    .option('--engine <engine>', 'auto, docker, podman, containerd or none (default: auto)')
    .option(...STORE)
    .option('--mirror <registry=mirror>', 'docker.io=mirror.gcr.io; may be given several times', collect, [])
    .option(
      '--insecure-registry <host>',
      'a host or CIDR that may do without TLS; may be given several times',
      collect,
      [],
    )
    .option('--max-concurrent-downloads <number>', 'for each registry (default: 8)')
    .option('-q, --quiet', 'print only the result lines')
    .option('--json', 'print what came of it as JSON, and the lines to standard error')
    .addHelpText('after', '\nExample:\n  pull-image pull redis:7 --platform linux/arm64 --engine none')
    .action(async (references: string[], options: PullOptions) => {
      process.exitCode = await pullCommand(references, options, signal, process);
    });
  root
    .command('save')
    .description('write one platform of an image as an archive for docker load, podman load, ctr images import or kind')
    .argument('<reference>', 'an image, such as redis:7; pulled first if the store lacks it')
    .option('--platform <platform>', 'such as linux/arm64 (default: the one this machine runs)')
    .option('-o, --output <file>', 'where to write it (default: standard output, unless that is a terminal)')
    .option('--pull-policy <policy>', 'always, missing or never (default: missing)')
    .option(...STORE)
    .option('-q, --quiet', 'print only the result line')
    .addHelpText('after', '\nExample:\n  pull-image save redis:7 --platform linux/arm64 > redis.tar')
    .action(async (reference: string, options: SaveOptions) => {
      const { saveCommand } = await import('./cli/save.ts');
      process.exitCode = await saveCommand(reference, options, { out: process.stdout, say: aside }, signal);
    });
  return root.addCommand(lockProgram(signal)).addCommand(serveProgram(signal)).addCommand(storeProgram());
}

function lockProgram(signal: AbortSignal): Command {
  return new Command('lock')
    .description('write the digests that images have now into a lock file; pulls none of them')
    .argument('[reference...]', 'images, such as redis:7 (default: those the file has, if there are no --files)')
    .option(...FILES)
    .option('--lock-file <file>', 'the file to write', 'pull-image.lock.json')
    .option('--check', 'write nothing; exit with 1 if the file is not what it would be')
    .option('--all-tags', 'every tag of each repository')
    .option(...TAGS)
    .option('--max-tags <number>', 'with --all-tags, refuse more than this (default: 50)')
    .option(...STORE)
    .addHelpText('after', '\nExample:\n  pull-image lock --files compose.yml')
    .action(async (references: string[], options: LockOptions) => {
      const { lockCommand } = await import('./cli/lock.ts');
      process.exitCode = await lockCommand(references, options, signal);
    });
}

function serveProgram(signal: AbortSignal): Command {
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
    .option('--mirror <registry=mirror>', 'docker.io=mirror.gcr.io; may be given several times', collect, [])
    .option(
      '--insecure-registry <host>',
      'a host or CIDR that may do without TLS; may be given several times',
      collect,
      [],
    )
    .addHelpText(
      'after',
      '\nExample:\n  pull-image serve --read-through &\n  docker pull localhost:5000/library/redis:7',
    )
    .action(async (options: ServeOptions) => {
      const { serveCommand } = await import('./cli/serve.ts');
      process.exitCode = await serveCommand(options, signal, say);
    });
}

function storeProgram(): Command {
  const commands = () => import('./cli/store.ts');
  const store = new Command('store').description('look after the layer store');
  store
    .command('ls')
    .description('list the images of the store, the last used first')
    .option(...STORE)
    .action(async (options: StoreOptions) => {
      process.exitCode = await (await commands()).storeLs(options, say);
    });
  store
    .command('verify')
    .description('hash every blob again, and remove those that are wrong')
    .option(...STORE)
    .action(async (options: StoreOptions) => {
      process.exitCode = await (await commands()).storeVerify(options, say);
    });
  store
    .command('sweep')
    .description('remove the least recently used images until the rest fits; never what a job uses')
    .requiredOption('--max-size <size>', 'what the store may take, such as 20GB')
    .option(...STORE)
    .action(async (options: StoreOptions) => {
      process.exitCode = await (await commands()).storeSweep(options, say);
    });
  return store;
}

const FILES: [string, string, typeof collect, readonly string[]] = [
  '--files <path>',
  'a compose file, Dockerfile, manifest or workflow to take images from, or a glob; may be given several times',
  collect,
  [],
];
const TAGS: typeof FILES = [
  '--tags <pattern>',
  'with --all-tags, only these: a glob, >=7 <8, or /expression/; may be given several times',
  collect,
  [],
];
const STORE = ['--store <directory>', 'the layer store (default: ~/.cache/pull-image)'] as const;

/** As a shell tells of a process that SIGINT, or SIGPIPE, ended. */
const CANCELLED = 130;
const READER_GONE = 141;

const readerGone = onReaderGone([process.stdout, process.stderr], () => process.exit(READER_GONE));
process.once('exit', () => {
  if (readerGone.aborted) process.exitCode = READER_GONE;
});
const interrupted = onSignals(process, () => {
  process.stderr.write('pull-image: cancelled\n');
  process.exit(CANCELLED);
});
try {
  await program(AbortSignal.any([interrupted, readerGone])).parseAsync();
} catch (error) {
  if (!(error instanceof PullError)) throw error;
  const text = isCancelled(error) ? error.message : errorText(error);
  const lines = text.split('\n').map((line) => `${cleanLine(line)}\n`);
  // Nobody cancelled what ends because its reader has gone.
  if (!(isCancelled(error) && readerGone.aborted)) process.stderr.write(lines.join(''));
  process.exitCode = isCancelled(error) ? CANCELLED : 1;
}
