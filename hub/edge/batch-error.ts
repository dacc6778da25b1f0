/** Why an edge does not take what it was sent: the request is wrong, and sending it again changes nothing. */
export class BatchError extends Error {
  override readonly name = 'BatchError';
}
