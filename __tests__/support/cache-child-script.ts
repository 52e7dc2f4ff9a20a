// Stands in for the bundled child: does what the key of each request says, in order, such as `moving 300 answer` (a number is milliseconds to wait).
import { setTimeout as sleep } from 'node:timers/promises';

process.on('message', async ({ id, key }: { readonly id: number; readonly key: string }) => {
  for (const step of key.split(' ')) {
    if (/^\d+$/.test(step)) await sleep(Number(step));
    else if (step === 'crash') process.exit(3);
    else if (step === 'answer') process.send?.({ id, key: `${process.pid}`, output: 'said' });
    else if (step === 'stray') process.send?.({ id: id + 1000, output: '' });
    else process.send?.({ id, sign: step });
  }
});
