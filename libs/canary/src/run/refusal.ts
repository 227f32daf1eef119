/** An order that makes no sense now, in words that say what to do instead; nothing was changed. */
export class CanaryRefusal extends Error {
  override readonly name = 'CanaryRefusal';
}
