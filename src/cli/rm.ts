import { Command } from 'commander';
import { isCancelled, PullError } from '../errors.ts';
import { errorText } from '../github/wording.ts';
import { readShelf, type Shelf, type Shelved } from '../images/shelf.ts';
import { familiarName } from '../oci/reference.ts';
import type { StoreCare } from '../ports.ts';
import { careOf } from './open-store.ts';
import { STORE } from './options.ts';

interface RmOptions {
  readonly force?: boolean;
  readonly store?: string;
}

/** `rm`: takes images out of the store, one after the other; one that cannot go does not keep the others. Exits with 1 if one stayed. */
export function rmCommand(say: (line: string) => void, complain: (line: string) => void): Command {
  return new Command('rm')
    .description('remove images from the store by name, digest or id; never what a job uses')
    .argument('<image...>', 'names, name@digest, or ids')
    .option('-f, --force', 'by id also what several repositories have; and no error for what is not there')
    .option(...STORE)
    .addHelpText('after', '\nExample:\n  pull-image rm redis:7 4bcff63911fc')
    .action(async (texts: string[], options: RmOptions) => {
      const { store, care } = await careOf(options.store);
      for (const text of texts) {
        try {
          await remove(text, await readShelf(store, care), care, options.force ?? false, say);
        } catch (error) {
          if (!(error instanceof PullError) || isCancelled(error)) throw error;
          if (options.force && error.code === 'NOT_HELD') continue;
          complain(errorText(error));
          process.exitCode = 1;
        }
      }
    });
}

async function remove(
  text: string,
  shelf: Shelf,
  care: StoreCare,
  force: boolean,
  say: (line: string) => void,
): Promise<void> {
  const found = shelf.find(text);
  const repositories = new Set(found.map(({ reference }) => familiarName(reference)));
  if (repositories.size > 1 && !force)
    throw new PullError(
      'INPUT_INVALID',
      text,
      `${repositories.size} repositories have this image: ${[...repositories].join(', ')}`,
      {
        hint: 'Name the one to be removed, or add --force.',
      },
    );
  const going = [...found, ...partsOf(found, shelf)];
  const { names, inUse, blobs } = await care.remove(going.flatMap(({ recorded }) => recorded));
  const gone = new Set(names);
  for (const { name, recorded } of going) if (recorded.some((each) => gone.has(each))) say(`Untagged: ${name}`);
  for (const { digest } of blobs) say(`Deleted: ${digest}`);
  if (inUse.length > 0)
    throw new PullError('STORE_LOCKED', text, 'a job uses this image', {
      hint: 'It can be removed when the job has ended, or 6 hours after it began.',
    });
}

/** The names of platforms that only the images that go have: nobody would ask for them. */
function partsOf(going: readonly Shelved[], { images }: Shelf): readonly Shelved[] {
  const names = new Set(going.map(({ name }) => name));
  const staying = images.filter(({ name, part }) => !part && !names.has(name));
  return images.filter(
    ({ name, part, target }) =>
      part &&
      !names.has(name) &&
      going.some(({ blobs }) => blobs.has(target)) &&
      !staying.some(({ blobs }) => blobs.has(target)),
  );
}
