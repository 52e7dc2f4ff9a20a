import { Command } from 'commander';
import { configOf } from '../archives/changes.ts';
import { importTar } from '../archives/import-tar.ts';
import { PullError } from '../errors.ts';
import { nameTarget, newName } from '../images/naming.ts';
import { clean } from '../lib/clean.ts';
import { redactUrl } from '../lib/redact.ts';
import { hostPlatform, normalizePlatform, parsePlatform } from '../oci/platform.ts';
import { familiarReference } from '../oci/reference.ts';
import { type Input, openInput } from './incoming.ts';
import { openOrMake } from './open-store.ts';
import { STORE, several } from './options.ts';

interface ImportOptions {
  readonly platform?: string;
  readonly change: readonly string[];
  readonly message?: string;
  readonly store?: string;
}

/** `import`: a tar as an image of one layer. */
export function importCommand(say: (line: string) => void, stdin: () => Input, signal: AbortSignal): Command {
  return new Command('import')
    .description(
      'make an image of one layer out of the tar of a file system, and keep it in the store; prints its digest',
    )
    .argument('<file>', 'the tar, perhaps compressed by gzip or zstd, or - for standard input')
    .argument('<name>', 'what the image is to be called, such as org/base:1')
    .option('--platform <platform>', 'what the files run on (default: this machine)')
    .addOption(
      several(
        '-c, --change <instruction>',
        'how it is run, as a Dockerfile says it: CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR',
      ),
    )
    .option('-m, --message <message>', 'a comment for its history')
    .option(...STORE)
    .addHelpText(
      'after',
      '\nExample:\n  tar -C rootfs -c . | pull-image import --change \'CMD ["bash"]\' --change "ENV LANG=C.UTF-8" - org/debian:mine',
    )
    .action(async (file: string, name: string, options: ImportOptions) => {
      const reference = newName(name);
      const platform = normalizePlatform(
        options.platform === undefined ? hostPlatform() : parsePlatform(options.platform),
      );
      const config = configOf(options.change, platform.os);
      if (/^https?:\/\//i.test(file))
        throw new PullError('INPUT_INVALID', clean(redactUrl(file), 300), 'expected a file, found a URL', {
          hint: `Write curl -fL URL | pull-image import - ${clean(name, 200)}.`,
        });
      const subject = file === '-' ? 'standard input' : clean(file, 300);
      const input = openInput(
        file === '-' ? undefined : file,
        { from: 'tar -c .', into: `pull-image import - ${clean(name, 200)}` },
        stdin,
        signal,
      );
      const { store } = await openOrMake(options.store);
      const facts = {
        platform,
        config,
        comment: options.message ?? `Imported from ${file}`,
        created: new Date().toISOString(),
      };
      const { target } = await importTar(input, store, facts, subject);
      await nameTarget(store, reference, target);
      say(`${familiarReference(reference)}@${target.digest}`);
    });
}
