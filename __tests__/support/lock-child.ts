import { readFile, writeFile } from 'node:fs/promises';
import { withLock } from '../../src/store/lock.ts';

// node lock-child.ts <folder> <times as JSON> hold          takes the lock, says `held`, then `lost` if somebody else has it, frees it when stdin ends
// node lock-child.ts <folder> <times as JSON> <file> <n>    adds 1 to the number in the file, n times, each under the lock
const [folder = '', times = '{}', task = '', count = '0'] = process.argv.slice(2);
const options = { holder: 'the child', times: JSON.parse(times) };

if (task === 'hold') {
  await withLock(folder, options, async (held) => {
    process.stdout.write('held\n');
    const timer = setInterval(async () => {
      if (await held()) return;
      process.stdout.write('lost\n');
      clearInterval(timer);
    }, 20);
    timer.unref();
    for await (const _ of process.stdin);
  });
} else {
  for (let done = 0; done < Number(count); done += 1) {
    await withLock(folder, options, async () => {
      const number = Number(await readFile(task, 'utf8'));
      await new Promise((resolve) => setImmediate(resolve));
      await writeFile(task, String(number + 1));
    });
  }
}
