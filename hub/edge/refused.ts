/** What the edge says no to, and how each error is told to who asked. */
import { BatchError } from './batch-error.ts';
import { BodyError } from './body.ts';
import { StorageError } from './storage/storage.ts';

export class Refused extends Error {
  readonly statusCode: number;
  readonly code: string;
  readonly upTo: number | undefined;

  constructor(statusCode: number, code: string, message: string, upTo?: number) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
    this.upTo = upTo;
  }
}

/** Status and words of an error. What went wrong inside is told to nobody outside. */
export function problemOf(error: unknown): { status: number; code: string; message: string; upTo?: number | undefined } {
  if (error instanceof Refused) return { status: error.statusCode, code: error.code, message: error.message, upTo: error.upTo };
  if (error instanceof BatchError) return { status: 422, code: 'batch', message: error.message };
  if (error instanceof BodyError) return { status: error.statusCode, code: 'body', message: error.message };
  if (error instanceof StorageError) return { status: 503, code: 'storage', message: 'the edge cannot keep anything now: try again later' };
  const { statusCode = 500, message = '' } = error as { statusCode?: number; message?: string };
  return statusCode < 500
    ? { status: statusCode, code: 'refused', message }
    : { status: 500, code: 'fault', message: 'the edge could not do this' };
}
