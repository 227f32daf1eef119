import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FlagDocument } from '../document/flag-document.ts';

/** The defaults that are in the repository. */
export const defaultsFile = join(import.meta.dirname, '../../../../config/flags.json');

export const defaults = (): FlagDocument =>
  JSON.parse(readFileSync(defaultsFile, 'utf8')) as FlagDocument;

export const heatmap = 'futures/liquidation/heatmap/model1';
export const funding = 'futures/funding-rate/history';
export const endpointIds = [heatmap, funding];
