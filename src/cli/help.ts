import { type Command, Help } from 'commander';

/** Gives the command and all below it help without what says nothing, and after a typing error a line that says where help is. */
export function shareHelp(command: Command, path: readonly string[] = []): void {
  const words = [...path, command.name()];
  command
    .configureHelp({
      optionDescription: (option) => new Help().optionDescription(option).replace(' (default: [])', ''),
    })
    .showHelpAfterError(`Write ${words.join(' ')} --help for what there is.`);
  for (const below of command.commands) shareHelp(below, words);
}
