import type { NextFunction } from 'express';
import type { Step } from './exchange.ts';

/**
 * Several steps as one that Express knows: each calls the next one by itself. What Express does for a step of its own
 * (match a path, keep what the URL was) costs as much as the step, and these are taken by every request.
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
