import { z } from 'zod';
import { isInterval, type Interval } from '../intervals/ladder.ts';
import type { Endpoint } from './endpoint.ts';

/** The intervals an endpoint accepts, finest first; none for one that has no candles. */
export const acceptedIntervals = (endpoint: Endpoint): readonly Interval[] => {
  if (endpoint.intervals) return endpoint.intervals;
  const schema: unknown = endpoint.params.shape.interval;
  return schema instanceof z.ZodEnum ? schema.options.filter(isInterval) : [];
};
