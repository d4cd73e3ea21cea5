import type { NextFunction } from 'express';
import type { Step } from './exchange.ts';

/**
 * Several steps as one middleware of Express. Express's work for each middleware (matching the path, keeping the URL)
 * costs as much as such a step, and every request takes them.
 */
export function inOrder(...steps: readonly Step[]): Step {
  return (request, response, next) => {
    let at = 0;
    const go: NextFunction = (error?: unknown) => {
      const step = error === undefined ? steps[at] : undefined;
      at += 1;
      if (!step) {
        next(error);
        return;
      }
      const pending = step(request, response, go);
      if (pending instanceof Promise) pending.catch(next);
    };
    go();
  };
}
