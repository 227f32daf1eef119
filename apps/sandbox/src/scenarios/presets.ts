import type { RuleInput } from './rule.ts';

/** Named sets of rules for the situations one asks for most. */
export const presets = {
  'vendor-down': [{ behaviour: '500-http' }, { behaviour: 'ws-refuse' }],
  'vendor-failing-in-200': [{ behaviour: '500-body' }],
  'vendor-unreachable': [{ behaviour: 'reset' }, { behaviour: 'ws-refuse' }],
  'vendor-hanging': [{ behaviour: 'no-answer' }, { behaviour: 'ws-silent' }],
  'vendor-slow': [{ behaviour: 'slow', delayMs: 3000 }],
  throttled: [{ behaviour: '429-http' }],
  'throttled-in-200': [{ behaviour: '429-body' }],
  'key-revoked': [{ behaviour: '400-key' }, { behaviour: 'ws-refuse' }],
  'plan-lapsed': [{ behaviour: 'upgrade-plan' }, { behaviour: 'ws-silent' }],
  'hourly-refused': [{ params: { interval: '1h' }, behaviour: '403-in-200' }],
  'hourly-unprocessable': [{ params: { interval: '1h' }, behaviour: '422-http' }],
  firewall: [{ behaviour: 'html', status: 403 }],
  'schema-drift': [{ behaviour: 'drift-rename' }],
  'key-shared': [{ behaviour: 'foreign-use', by: 100 }],
} as const satisfies Record<string, readonly RuleInput[]>;

export type Preset = keyof typeof presets;
export const presetNames = Object.keys(presets) as [Preset, ...Preset[]];
