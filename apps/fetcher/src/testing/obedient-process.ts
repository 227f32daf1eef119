/** Stands where the quarantine's program stands: does with each job what its data says. Run by its path, as it is. */
type Order = { readonly run: number; readonly data: { readonly order: string } };

const replies: Record<string, (run: number) => void> = {
  answer: (run) =>
    process.send?.({ run, spent: 2, done: { result: { permits: process.pid }, attributes: {} } }),
  refuse: (run) =>
    process.send?.({ run, spent: 1, failure: { kind: 'unknown-instrument', detail: 'no' } }),
  postpone: (run) => process.send?.({ run, spent: 0, postponed: { waitMs: 7, because: 'pause' } }),
  exit: () => process.exit(3),
  kill: () => process.kill(process.pid, 'SIGKILL'),
  loop: () => {
    for (;;);
  },
  wait: () => undefined,
};

process.on('message', (message) => {
  const { run, data } = message as Order;
  replies[data.order]?.(run);
});
process.once('disconnect', () => process.exit(0));
process.send?.({ ready: true });
