import { z } from 'zod';

const schema = z.object({
  method: z.enum(['subscribe', 'unsubscribe']),
  channels: z.array(z.string().max(200)).max(100),
});

/** A subscription as the vendor documents it; undefined for anything else, which the vendor seems to ignore. */
export function channelRequest(text: string): z.output<typeof schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
