import { Command } from 'commander';
import { flatTar } from '../files/flatten.ts';
import { withOutgoing } from './options.ts';
import { type Content, type OutgoingOptions, type Streams, sendOut } from './outgoing.ts';

/** `export`: the flat file system of an image as a tar. */
export function exportCommand(streams: Streams, signal: AbortSignal): Command {
  return withOutgoing(new Command('export'))
    .description('write the file system of an image as one tar, its layers applied; unpacks nothing to disk')
    .argument('<reference>', 'an image, such as redis:7; pulled first if the store lacks it')
    .addHelpText('after', '\nExample:\n  pull-image export alpine:3 | tar -t')
    .action(async (reference: string, options: OutgoingOptions) => {
      process.exitCode = await sendOut([reference], options, FILES, streams, signal);
    });
}

const FILES: Content = {
  command: 'export',
  async *make(images, store) {
    for (const { manifest } of images) yield* flatTar(manifest.layers, store);
  },
};
