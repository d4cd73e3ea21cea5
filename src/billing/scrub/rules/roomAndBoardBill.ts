import { isRoomAndBoard } from '../../../terminology/revenueCode.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Room and board (0100 to 0219) stands on inpatient bills only. */
export const roomAndBoardBill: ScrubRule = {
  id: 'room-and-board-bill',
  source: 'billing rule 37; CARC 199',
  carc: '199',
  cure: 'Bill the stay as inpatient, or take the room off the claim.',
  severity: 'error',
  check: ({ lines, form, inpatient }) =>
    lines.flatMap(({ at, revenue }) =>
      unless(
        form !== 'institutional' || inpatient || revenue === undefined || !isRoomAndBoard(revenue),
        `${at}.revenue`,
        'room and board stands on a bill that is not inpatient',
      ),
    ),
};
