import type { ScenarioName } from '../simulation/scenarios.ts';
import type { Mutant, Patch } from './mutant.ts';

const memory = (part: string) => `libs/rate-limiter/src/memory/${part}.ts`;
const lua = (script: string) => `libs/rate-limiter/src/redis/scripts/${script}.ts`;

/** The file is named without its folder. */
type Change = readonly [file: string, find: string, replace: string];

/** One fault, planted once in the twin and once in the scripts. */
const both = (
  name: string,
  scenario: ScenarioName,
  twin: readonly Change[],
  scripts: readonly Change[],
): readonly Mutant[] => {
  const inTwin = twin.map(([file, find, replace]): Patch => ({
    file: memory(file),
    find,
    replace,
  }));
  const inLua = scripts.map(([script, find, replace]): Patch => ({
    file: lua(script),
    find,
    replace,
  }));
  return [
    { name, store: 'twin', scenario, patches: inTwin },
    { name, store: 'scripts', scenario, patches: inLua },
  ];
};

const taken = 's.slots.set(slotIdOf(account, prefix, id + n), freeAt(leaseMs + windowMs));';
const answered = 'if (s.slots.has(id)) s.slots.set(id, freeAt(windowMs));';
const luaTaken = 'local taken_until = soon + lease + window';
const luaAnswered = "call('ZADD', slots, 'XX', until_text, ARGV[index])";

/** Faults of the store's rules. */
export const storeMutants: readonly Mutant[] = [
  ...both(
    'slot freed at the answer, not a window later',
    'saturated',
    [['permit-state', answered, 'free(s, id);']],
    [['settle', luaAnswered, "call('ZREM', slots, ARGV[index])"]],
  ),
  ...both(
    'window counted from the grant',
    'saturated',
    [
      [
        'permit-state',
        answered,
        'if (s.slots.has(id)) s.slots.set(id, s.slots.get(id) - leaseMs);',
      ],
    ],
    [
      [
        'settle',
        luaAnswered,
        "call('ZADD', slots, 'XX', (tonumber(call('ZSCORE', slots, ARGV[index])) or lease) - lease, ARGV[index])",
      ],
    ],
  ),
  ...both(
    'lease not counted',
    'silent',
    [['grant', taken, taken.replace('leaseMs + ', '')]],
    [['grant', luaTaken, luaTaken.replace('lease + ', '')]],
  ),
  ...both(
    'fixed window, aligned to the clock',
    'saturated',
    [
      [
        'grant',
        taken,
        taken.replace(
          'freeAt(leaseMs + windowMs)',
          '(Math.floor(storeNow / windowMs) + 1) * windowMs',
        ),
      ],
      ['permit-state', answered, ''],
    ],
    [
      [
        'grant',
        luaTaken,
        luaTaken.replace('soon + lease + window', '(math.floor(now / window) + 1) * window'),
      ],
      ['settle', luaAnswered, ''],
    ],
  ),
  ...both(
    'limit of each process instead of all',
    'saturated',
    [
      [
        'grant',
        'const free = capacity - s.slots.size;',
        'const free = capacity - [...s.slots.keys()].filter((id) => id.includes(`/${prefix}:`)).length;',
      ],
    ],
    [
      [
        'grant',
        "local in_use = call('ZCARD', slots) - 1",
        "local in_use = 0\nfor _, id in ipairs(call('ZRANGE', slots, 0, -1)) do if string.find(id, '/' .. prefix .. ':', 1, true) then in_use = in_use + 1 end end",
      ],
    ],
  ),
  ...both(
    'lost state not noticed',
    'duress',
    [['permit-state', 'blockedUntil: freeAt(windowMs + leaseMs),', 'blockedUntil: 0,']],
    [
      [
        'state',
        'seq, blocked_until, paused_until = 0, soon + window + lease, 0',
        'seq, blocked_until, paused_until = 0, 0, 0',
      ],
    ],
  ),
  ...both(
    'lost state blocks for a window only',
    'lossy',
    [
      [
        'permit-state',
        'blockedUntil: freeAt(windowMs + leaseMs),',
        'blockedUntil: freeAt(windowMs),',
      ],
    ],
    [
      [
        'state',
        'seq, blocked_until, paused_until = 0, soon + window + lease, 0',
        'seq, blocked_until, paused_until = 0, soon + window, 0',
      ],
    ],
  ),
  ...both(
    'older state not noticed',
    'set-back',
    [
      [
        'permit-state',
        '(state.epoch > epoch || (state.epoch === epoch && state.seq >= seq))',
        'epoch + seq >= 0',
      ],
    ],
    [['state', '(epoch == witnessed_epoch and seq < witnessed_seq)', 'false']],
  ),
  ...both(
    'foreign use ignored',
    'foreign',
    [
      [
        'permit-state',
        'foreignAdded = Math.max(0, Math.min(unexplained, limit() - held.length));',
        'foreignAdded = 0;',
      ],
    ],
    [['settle', 'foreign_added = math.max(0, ', 'foreign_added = math.min(0, ']],
  ),
  ...both(
    'somebody who goes on forgotten all at once',
    'foreign-long',
    [['permit-state', 'Math.max(0, held.length + Math.min(0, unexplained))', '0']],
    [['settle', 'math.max(0, #held + math.min(0, unexplained))', '0']],
  ),
  ...both(
    'nothing kept for a team that comes back',
    'returning',
    [['grant', 'const spare = Math.max(0, Math.min(free, ...besideKept));', 'const spare = free;']],
    [['grant', 'spare_beside(kept, free)', 'free']],
  ),
  ...both(
    'limit that the vendor tells ignored',
    'plan-drop',
    [['permit-state', 's.vendor = batch.vendorLimit ?? s.vendor;', '']],
    [['settle', 'vendor, ledger_changed = told, true', '']],
  ),
  ...both(
    'limit set by flag ignored',
    'duress',
    [['permit-store', "if ('flag' in announcement) s.flag = announcement.flag;", '']],
    [['state', 'math.min(configured, flag or configured, ', 'math.min(configured, ']],
  ),
  ...both(
    'lowering by the flag not remembered',
    'throttled-lowered',
    [['permit-state', 'if (limit() < before) s.loweredSeq = s.seq;', '']],
    [['announce', 'then lowered_seq = seq end', 'then end']],
  ),
  ...both(
    'pause ignored',
    'throttled',
    [['grant', "s.pausedUntil > storeNow ? 'pause' : undefined", 'undefined']],
    [['grant', 'elseif paused_until > now then due, reason = 0, 2 end', 'end']],
  ),
  ...both(
    'Retry-After ignored',
    'throttled',
    [['permit-store', 'if (retryAfterMs !== undefined) {', 'if (false) {']],
    [['pause', 'if retry_after then', 'if false then']],
  ),
];
