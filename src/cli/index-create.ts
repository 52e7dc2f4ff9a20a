import { Command } from 'commander';
import { PullError } from '../errors.ts';
import { composeIndex } from '../images/compose.ts';
import { nameTarget, newName } from '../images/naming.ts';
import { readShelf } from '../images/shelf.ts';
import { familiarReference } from '../oci/reference.ts';
import { careOf } from './open-store.ts';
import { STORE } from './options.ts';

/** `index`: multi-platform tags out of images of the store. */
export function indexCommand(say: (line: string) => void): Command {
  const index = new Command('index')
    .description('make multi-platform tags')
    .addHelpText('after', '\nExample:\n  pull-image index create org/app:1 org/app:1-amd64 org/app:1-arm64');
  index
    .command('create')
    .description('make one tag of several images of the store, one for each platform; prints its digest')
    .argument('<name>', 'the new name, such as ghcr.io/org/app:1')
    .argument('<image...>', 'names, name@digest, or ids; of an image of several platforms all that the store has')
    .option(...STORE)
    .addHelpText('after', '\nExample:\n  pull-image index create org/app:1 org/app:1-amd64 org/app:1-arm64')
    .action(async (name: string, texts: string[], options: { readonly store?: string }) => {
      const reference = newName(name);
      const { store, care } = await careOf(options.store);
      const shelf = await readShelf(store, care);
      const images = texts.map((text) => {
        const [image] = shelf.find(text);
        if (!image) throw new PullError('NOT_HELD', text, 'no such image in the store');
        return image;
      });
      const target = await composeIndex(store, images);
      await nameTarget(store, reference, target);
      say(`${familiarReference(reference)}@${target.digest}`);
    });
  return index;
}
