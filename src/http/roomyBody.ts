import type { IncomingMessage } from 'node:http';
import { readBody } from './body.ts';
import { free, small, type Room, type Taken } from './room.ts';

/** Milliseconds after which a body that is still coming no longer keeps others from coming. */
const slowAfter = 2000;

/** A body that is all here, and the room that it takes until it is done with. */
export interface RoomyBody {
  readonly bytes: Buffer;
  readonly taken: Taken;
}

/**
 * Reads the body of a request once there is room for it: until then the client is kept from sending, so that what
 * waits fills nobody's memory. Who sends slowly loses the room, and gets it back when all is here.
 */
export async function roomyBody(request: IncomingMessage, bytesMax: number, room: Room): Promise<RoomyBody> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > 0 && announced < small && request.headers['content-encoding'] === undefined)
    return { bytes: await readBody(request, bytesMax), taken: free };
  const taken = await room.enter(Math.min(announced, bytesMax));
  const late = setTimeout(taken.leave, slowAfter);
  try {
    const bytes = await readBody(request, bytesMax);
    if (taken.isHeld && bytes.length <= announced) return { bytes, taken };
    taken.leave();
    return { bytes, taken: await room.enter(bytes.length) };
  } catch (error) {
    taken.leave();
    throw error;
  } finally {
    clearTimeout(late);
  }
}
