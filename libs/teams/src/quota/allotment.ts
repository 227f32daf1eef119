import { LastMinute } from './last-minute.ts';

/** Drawn and not used for so long: given back. */
export const parcelLifeMs = 1_000;

interface Parcel {
  /** Of Redis' clock: the bucket it was drawn from, and goes back to. */
  readonly second: number;
  readonly drawnAt: number;
  left: number;
}

/** What one gateway holds of one team's quota. */
export class Allotment {
  readonly lastMinute = new LastMinute();
  /** The draw under way. */
  drawing: Promise<void> | undefined;
  /** Asked for and waiting for that draw. */
  waiting = 0;
  /** Epoch ms until which there is nothing to draw. */
  spentUntil = 0;
  /** What was left at the last draw, not drawn by anybody. */
  leftAtDraw: number | undefined;
  readonly #parcels: Parcel[] = [];

  get left(): number {
    return this.#parcels.reduce((sum, { left }) => sum + left, 0);
  }

  add(second: number, count: number, now: number): void {
    if (count > 0) this.#parcels.push({ second, drawnAt: now, left: count });
  }

  /** Takes one request, if one is held. */
  take(now: number): boolean {
    const [parcel] = this.#parcels;
    if (!parcel || now - parcel.drawnAt >= parcelLifeMs) return false;
    parcel.left -= 1;
    if (parcel.left === 0) this.#parcels.shift();
    this.lastMinute.add(now);
    return true;
  }

  /** Lets go of what was held too long, or of everything: pairs of second and count. */
  release(now: number): number[] {
    const back: number[] = [];
    while (this.#parcels[0] && now - this.#parcels[0].drawnAt >= parcelLifeMs) {
      const { second, left } = this.#parcels.shift() as Parcel;
      back.push(second, left);
    }
    return back;
  }

  /** How many to draw so as to last about half a second at the present rate; never so many that other gateways go short. */
  wanted(quota: number, now: number): number {
    const ahead = Math.ceil(this.lastMinute.perSecond(now) / 2);
    return Math.max(1, this.waiting, Math.min(ahead, Math.ceil(quota / 10)));
  }
}
