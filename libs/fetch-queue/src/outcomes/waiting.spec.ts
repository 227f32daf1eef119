import { describe, expect, it } from '@jest/globals';
import type { OutcomeWatch } from './outcome-watch.ts';
import { Waiting } from './waiting.ts';

describe('a wait', () => {
  it('listens to nothing more once it has ended, whoever still asks it to', () => {
    let listening = 0;
    const watch = {
      listen: () => {
        listening += 1;
        return () => {
          listening -= 1;
        };
      },
    } as unknown as OutcomeWatch;
    const waiting = new Waiting(watch, 60_000, () => 0);
    waiting.listenTo('j1');
    expect(listening).toBe(1);
    expect(waiting.over).toBe(false);
    waiting.end();
    waiting.listenTo('j2');
    expect(listening).toBe(0);
    expect(waiting.over).toBe(true);
  });
});
