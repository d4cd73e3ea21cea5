/** How many requests were answered, by method, route and status. */
export class RequestCounts {
  readonly #counts = new Map<string, Map<string, Map<number, number>>>(); // by route, method and status

  add(method: string, route: string, status: number): void {
    const ofRoute = this.#counts.get(route) ?? new Map<string, Map<number, number>>();
    const counts = ofRoute.get(method) ?? new Map<number, number>();
    const before = counts.get(status) ?? 0;
    if (before === 0) this.#counts.set(route, ofRoute.set(method, counts));
    counts.set(status, before + 1);
  }

  /** A line for each count, in the text format of Prometheus. */
  lines(name: string): string[] {
    const lines = [...this.#counts].flatMap(([route, ofRoute]) =>
      [...ofRoute].flatMap(([method, counts]) =>
        [...counts].map(
          ([status, count]) => `${name}{method="${method}",route="${route}",status="${status}"} ${count}`,
        ),
      ),
    );
    return lines.sort();
  }
}
