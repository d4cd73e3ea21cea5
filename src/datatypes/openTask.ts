import type { Task } from '@medplum/fhirtypes';

/** Statuses in which a Task is still to be done. */
export const openStatuses: readonly string[] = [
  ...['requested', 'received', 'accepted', 'ready', 'in-progress', 'on-hold'],
];

/** Whether a Task is still to be done. */
export const isOpen = ({ status }: Pick<Task, 'status'>): boolean => openStatuses.includes(status);
