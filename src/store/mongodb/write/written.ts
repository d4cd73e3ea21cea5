import type { ResourceType } from '@medplum/fhirtypes';

/** What this server writes, in order: what it remembers of a type holds while nothing of the type is written. */
export class Written {
  readonly #last = new Map<ResourceType, number>();
  readonly #atWork = new Set<number>();
  #now = 0;

  /** A writer begins; to be told when what it wrote has landed or never will. */
  begin(): () => void {
    const at = ++this.#now;
    this.#atWork.add(at);
    return () => void this.#atWork.delete(at);
  }

  /** Something of a type is about to be written. */
  add(type: ResourceType): void {
    this.#last.set(type, ++this.#now);
  }

  /** When any of these types was last written. */
  last(types: readonly ResourceType[]): number {
    return Math.max(0, ...types.map((type) => this.#last.get(type) ?? 0));
  }

  /** Whether all that was written up to a time has landed: the writers at work have begun since. */
  hasLanded(time: number): boolean {
    return [...this.#atWork].every((begun) => begun > time);
  }
}
