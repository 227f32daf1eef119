import { z } from 'zod';
import { plans } from './vendor/plans.ts';

/** What can be switched while the sandbox runs; every member has a default. */
export const settingsSchema = z.strictObject({
  plan: z.enum(plans).default('standard'),
  /** Requests per window and key. */
  limit: z.int().min(1).max(1_000_000).default(300),
  windowMs: z.int().min(1).max(3_600_000).default(60_000),
  window: z.enum(['sliding', 'aligned']).default('sliding'),
  /** Form of the 429 above the limit: a real HTTP status, or HTTP 200 with a code. */
  refusal: z.enum(['http', 'body']).default('http'),
  /** Added before each answer. */
  latencyMs: z.int().min(0).max(600_000).default(0),
});

export type Settings = z.output<typeof settingsSchema>;

/** A change to some of the settings. Nothing is defaulted: what is not named stays. */
export const settingsChangeSchema = z
  .strictObject({
    plan: settingsSchema.shape.plan.unwrap(),
    limit: settingsSchema.shape.limit.unwrap(),
    windowMs: settingsSchema.shape.windowMs.unwrap(),
    window: settingsSchema.shape.window.unwrap(),
    refusal: settingsSchema.shape.refusal.unwrap(),
    latencyMs: settingsSchema.shape.latencyMs.unwrap(),
  })
  .partial();
