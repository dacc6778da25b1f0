/** A refusal as the API says it: for the program a code, for the person what is wrong and what to do. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly statusCode: number;
  readonly code: string;
  readonly remedy: string;

  constructor(statusCode: number, code: string, message: string, remedy: string) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
    this.remedy = remedy;
  }
}
