import { fillPool } from '../../src/store/fill-pool.ts';

// node idle-threads-child.ts <program>: starts two threads, gives them nothing to do, and closes nothing.
fillPool({ path: process.argv[2] ?? '', places: 2 }).expect(2);
