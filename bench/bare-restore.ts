// node bare-restore.ts save|restore KEY FILE…: what @actions/cache itself takes for the same bytes in one entry; prints milliseconds.
import * as cache from '@actions/cache';

const [task = '', key = '', ...files] = process.argv.slice(2);
const startedAt = performance.now();
if (task === 'save') await cache.saveCache(files, key);
else if ((await cache.restoreCache(files, key)) !== key) throw new Error('the entry was not there');
process.stdout.write(`\nmilliseconds ${Math.round(performance.now() - startedAt)}\n`);
