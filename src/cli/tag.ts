import { Command } from 'commander';
import { PullError } from '../errors.ts';
import { nameTarget, newName } from '../images/naming.ts';
import { readShelf } from '../images/shelf.ts';
import { careOf } from './open-store.ts';
import { STORE } from './options.ts';

/** `tag`: another name for an image of the store. */
export function tagCommand(): Command {
  return new Command('tag')
    .description('give an image of the store another name')
    .argument('<image>', 'a name, name@digest, or an id')
    .argument('<name>', 'the new name, such as ghcr.io/org/redis:7; what it named before is left to store sweep')
    .option(...STORE)
    .addHelpText('after', '\nExample:\n  pull-image tag redis:7 ghcr.io/org/redis:7')
    .action(async (text: string, name: string, options: { readonly store?: string }) => {
      const reference = newName(name);
      const { store, care } = await careOf(options.store);
      const [image] = (await readShelf(store, care)).find(text);
      const record = image && (await store.named(image.recorded[0] ?? image.name));
      if (!record) throw new PullError('NOT_HELD', text, 'no such image in the store');
      await nameTarget(store, reference, record.target, record.readAs);
    });
}
