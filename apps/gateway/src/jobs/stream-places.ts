import { Failure } from '@glasshouse/coinglass-client';

export interface StreamPlacesOptions {
  /** Event streams of one team at this gateway. */
  readonly teamMax?: number;
  readonly allMax?: number;
}

/** How many event streams are open here: each holds a socket and looks at Redis each second. */
export class StreamPlaces {
  readonly #teamMax: number;
  readonly #allMax: number;
  readonly #taken = new Map<string, number>();
  #all = 0;

  constructor({ teamMax = 50, allMax = 500 }: StreamPlacesOptions = {}) {
    this.#teamMax = teamMax;
    this.#allMax = allMax;
  }

  /**
   * Takes a place; the function gives it back, once.
   * @throws Failure `team-quota` or `queue-full`
   */
  take(team: string): () => void {
    const ofTeam = this.#taken.get(team) ?? 0;
    if (ofTeam >= this.#teamMax) {
      throw new Failure(
        'team-quota',
        `The team has ${ofTeam} event streams open here; close some, or poll GET /v1/jobs/:id`,
        { retryAfterMs: 10_000 },
      );
    }
    if (this.#all >= this.#allMax) {
      throw new Failure(
        'queue-full',
        'Too many event streams are open at this gateway; poll GET /v1/jobs/:id',
        { retryAfterMs: 10_000 },
      );
    }
    this.#taken.set(team, ofTeam + 1);
    this.#all += 1;
    let isOurs = true;
    return () => {
      if (!isOurs) return;
      isOurs = false;
      this.#all -= 1;
      const left = (this.#taken.get(team) ?? 1) - 1;
      if (left > 0) this.#taken.set(team, left);
      else this.#taken.delete(team);
    };
  }
}
