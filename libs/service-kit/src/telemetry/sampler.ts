import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { Sampler } from '@opentelemetry/sdk-trace';

/** The sampler that one of OpenTelemetry's names means; `ratio` is used by the two ratio samplers only. */
export const samplerOf = ({ name, ratio }: { name: string; ratio: number }): Sampler => {
  const root = (): Sampler => {
    if (name.endsWith('always_off')) return new AlwaysOffSampler();
    if (name.endsWith('traceidratio')) return new TraceIdRatioBasedSampler(ratio);
    return new AlwaysOnSampler();
  };
  return name.startsWith('parentbased') ? new ParentBasedSampler({ root: root() }) : root();
};
