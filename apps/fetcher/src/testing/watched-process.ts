import { watchLoop } from '../lifecycle/watch-loop.ts';

/** Lives until it is killed, in an endless loop if told to; run by its path, as it is. */
watchLoop({ silentMaxMs: 1_000, endsWithParent: true });
process.stdout.write('watched\n');
setInterval(() => {
  if (process.argv[2] === 'loop') for (;;);
}, 100);
